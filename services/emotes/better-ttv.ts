import type { Emote } from '../../protocol/emotes'
import { z } from '../../protocol/schema'
import { codeSchema, emotesOf, idSchema, lengthSchema, type ReadAnswer, sized } from './reading'

/** BetterTTV says of no emote that it is an overlay; these global ones are, as every client of it knows. */
const OVERLAYS = new Set([
  'cvHazmat',
  'cvMask',
  'SoSnowy',
  'IceCold',
  'SantaHat',
  'TopHat',
  'ReinDeer',
  'CandyCane',
])

const emoteSchema = z.object({
  id: idSchema,
  code: codeSchema,
  imageType: z.string().catch(''),
  animated: z.boolean().optional().catch(undefined),
  /** It changes the emote after it and shows nothing by itself. */
  modifier: z.boolean().catch(false),
  width: lengthSchema,
  height: lengthSchema,
})

const channelSchema = z.object({
  channelEmotes: z.array(z.unknown()),
  sharedEmotes: z.array(z.unknown()),
})

/** `GET /3/cached/emotes/global` */
export const readGlobal: ReadAnswer = (answer) => {
  const list = z.array(z.unknown()).safeParse(answer).data
  return list && { emotes: emotesOf(list, (one) => readEmote(one, OVERLAYS)) }
}

/** `GET /3/cached/users/twitch/{id}` */
export const readChannel: ReadAnswer = (answer) => {
  const channel = channelSchema.safeParse(answer).data
  return (
    channel && {
      emotes: emotesOf([...channel.channelEmotes, ...channel.sharedEmotes], (one) => readEmote(one)),
    }
  )
}

function readEmote(one: unknown, overlays?: ReadonlySet<string>): Emote | undefined {
  const emote = emoteSchema.safeParse(one).data
  if (!emote || emote.modifier) return undefined
  const { id, code, imageType, animated, width, height } = emote
  return {
    code,
    id,
    ...sized(width, height),
    ...((animated ?? imageType === 'gif') && { animated: true }),
    ...(overlays?.has(code) && { overlay: true }),
  }
}
