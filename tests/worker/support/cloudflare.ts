/** The secret of every TURN key of the server that answers like Cloudflare's. */
export const CLOUDFLARE_TOKEN = 'token-of-the-turn-key'
