/** A Twitch login as it stands in a URL: lower case, 1–25 characters. Without schemas, for the content script. */
export const LOGIN_PATTERN = /^[a-z0-9_]{1,25}$/
