import { LOGIN_PATTERN } from '../../protocol/login'

/** First path segments on www.twitch.tv that are pages of Twitch's own, not channels. */
const RESERVED = new Set(
  (
    'directory event popout videos products prime turbo search embed moderator drops downloads jobs p privacy ' +
    'store settings subscriptions wallet inventory friends login signup team communities creatorcamp u ' +
    'following messages bits redeem broadcast'
  ).split(' '),
)

/**
 * The channel a Twitch URL shows, as lower-case login, or `null` where there is none (`/directory`), where only
 * the page knows it (`/videos/1`), or where the URL is not www.twitch.tv's.
 */
export function loginFromUrl(url: string): string | null {
  const parsed = URL.parse(url)
  if (parsed?.origin !== 'https://www.twitch.tv') return null
  const segments = parsed.pathname.toLowerCase().split('/').filter(Boolean)
  const login = channelSegment(segments)
  return login !== undefined && LOGIN_PATTERN.test(login) && !RESERVED.has(login) ? login : null
}

function channelSegment(segments: string[]): string | undefined {
  const [first, second, third] = segments
  switch (first) {
    case 'popout':
      if (second === 'moderator' || second === 'u') return third
      return second
    case 'embed':
    case 'moderator':
    case 'u':
      return second
    default:
      return first
  }
}
