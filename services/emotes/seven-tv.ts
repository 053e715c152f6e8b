import type { Emote } from '../../protocol/emotes'
import { z } from '../../protocol/schema'
import { codeSchema, emotesOf, idSchema, lengthSchema, type ReadAnswer, sized } from './reading'

/** Of an emote in a set (`ActiveEmoteFlags` of SevenTV/API): the channel wants it as an overlay. */
const ZERO_WIDTH = 1 << 0
/** Of an emote itself (`EmoteFlags`): Twitch's rules do not allow what it shows. */
const TWITCH_DISALLOWED = 1 << 24

const flagsSchema = z.int().catch(0)
const fileSchema = z.object({ name: z.string(), width: lengthSchema, height: lengthSchema })

const emoteSchema = z.object({
  name: codeSchema,
  flags: flagsSchema,
  data: z.object({
    id: idSchema,
    flags: flagsSchema,
    listed: z.boolean(),
    animated: z.boolean().catch(false),
    host: z.object({ files: z.array(z.unknown()) }),
  }),
})

const setSchema = z.object({ emotes: z.array(z.unknown()).nullish() })
/** A channel without a set has none here. */
const userSchema = z.object({ emote_set: setSchema.nullish() })

/** `GET /v3/emote-sets/global` */
export const readGlobal: ReadAnswer = (answer) => readSet(setSchema.safeParse(answer).data)

/** `GET /v3/users/twitch/{id}` */
export const readChannel: ReadAnswer = (answer) => {
  const user = userSchema.safeParse(answer).data
  return user && readSet(user.emote_set ?? {})
}

const readSet = (set: z.infer<typeof setSchema> | undefined) =>
  set && { emotes: emotesOf(set.emotes ?? [], readEmote) }

/** Those that 7TV itself does not list have not been looked at by anybody there. */
function readEmote(one: unknown): Emote | undefined {
  const emote = emoteSchema.safeParse(one).data
  if (!emote?.data.listed || emote.data.flags & TWITCH_DISALLOWED) return undefined
  const files = emote.data.host.files.flatMap((file) => fileSchema.safeParse(file).data ?? [])
  const usual = files.find(({ name }) => name === '1x.webp')
  if (!usual) return undefined
  return {
    code: emote.name,
    id: emote.data.id,
    ...sized(usual.width, usual.height),
    ...(emote.data.animated && { animated: true }),
    ...(emote.flags & ZERO_WIDTH && { overlay: true }),
    ...(!files.some(({ name }) => name === '2x.webp') && { single: true }),
  }
}
