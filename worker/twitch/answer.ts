import { logTwitchUnavailable } from '../log'
import type { TwitchApp } from './app'
import { TwitchUnavailable } from './ask'
import { ownUser, TokenEnded } from './helix'
import { type Attempt, exchangeCode, TwitchDenied } from './oauth'
import type { TwitchAnswer } from './ports'

/** What the viewer who came back with `callback` parameters said, and who they are by Twitch's word. */
export async function whatTwitchAnswered(
  app: TwitchApp,
  callback: URLSearchParams,
  attempt: Attempt,
): Promise<TwitchAnswer> {
  try {
    const { userId, tokens } = await exchangeCode(app, callback, attempt)
    // The ID token names a login only as it is displayed; it may be written in other letters.
    const { id, login, streams } = await ownUser(app, tokens.accessToken)
    if (id !== userId) throw new TwitchUnavailable('tokens of two users')
    return { outcome: 'identified', userId, login, streams, tokens }
  } catch (error) {
    if (error instanceof TwitchDenied) return { outcome: 'cancelled' }
    if (!(error instanceof TwitchUnavailable || error instanceof TokenEnded)) throw error
    logTwitchUnavailable(error instanceof TokenEnded ? 'new token refused' : error.message)
    return { outcome: 'unavailable' }
  }
}
