/** Between the configuration, which gives the Worker its variables, and the stand, which is what they name. */
export const TWITCH_PORT_VARIABLE = 'SIDESTREAM_TEST_TWITCH_PORT'
export const TWITCH_CLIENT_ID = 'sidestream-tests'
export const TWITCH_CLIENT_SECRET = 'secret-of-the-tests'
/** Where Twitch sends the tests' viewers back to. */
export const TWITCH_REDIRECT_URI = 'https://sidestream.test/twitch/callback'
