import { accountIdSchema, deviceIdSchema } from '../../protocol/device'
import type { MessageView } from '../../protocol/host-port'

const account = (number: number) => accountIdSchema.parse(`${String(number).padStart(21, 'q')}A`)
const DEVICE = deviceIdSchema.parse('A'.repeat(43))
export const ME = account(0)
const AUTHORS = 60
const WORDS =
  'the stream is great tonight and that boss fight was close so did anybody see how the filter opened just then'.split(
    ' ',
  )

let said = 0

/** One as people write them: a few words as a rule, a few lines now and then, and sometimes an answer, a deed or a mention. */
export function nextMessage(ms: number): MessageView {
  said += 1
  const author = 1 + ((said * 7_919) % AUTHORS)
  const length = said % 25 === 0 ? 45 : 2 + ((said * 31) % 12)
  const words = Array.from({ length }, (_, at) => WORDS[(said * 13 + at * 5) % WORDS.length])
  if (said % 17 === 0) words.push('@BraveOtter')
  if (said % 23 === 0) words.push('https://example.com/watch?v=1')
  const role = author === 1 ? 'broadcaster' : author < 4 ? 'moderator' : undefined
  return {
    id: String(said).padStart(42, 'm').concat('A'),
    accountId: account(author),
    device: DEVICE,
    name: `Viewer${author}`,
    text: `${said}: ${words.join(' ')}`,
    ms,
    count: said % 10,
    mine: false,
    ...(said % 41 === 0 && { me: true }),
    ...(said % 19 === 0 && {
      reply: {
        id: String(said - 5)
          .padStart(42, 'm')
          .concat('A'),
      },
    }),
    ...(role && { role }),
  }
}
