import type { Emote } from '../../protocol/emotes'
import { z } from '../../protocol/schema'
import { codeSchema, emotesOf, lengthSchema, type ReadAnswer, sized } from './reading'

/** Of a modifier: an effect on the emote before it, which shows nothing by itself. */
const HIDDEN = 1 << 0

/** Addresses by size; the sizes that do not exist are missing or `null`. */
const urlsSchema = z.object({ 1: z.string(), 2: z.string().nullish() })

const emoteSchema = z.object({
  id: z.int().min(1).transform(String),
  name: codeSchema,
  width: lengthSchema,
  height: lengthSchema,
  hidden: z.boolean().catch(false),
  modifier: z.boolean().catch(false),
  modifier_flags: z.int().catch(0),
  urls: urlsSchema,
  animated: urlsSchema.nullish().catch(undefined),
})

const setsSchema = z.record(z.string(), z.unknown())
const setSchema = z.object({ emoticons: z.array(z.unknown()) })
const globalSchema = z.object({ default_sets: z.array(z.unknown()), sets: setsSchema })
const roomSchema = z.object({
  room: z.object({ twitch_id: z.int().min(1).transform(String).nullish().catch(undefined) }),
  sets: setsSchema,
})

/** `GET /v1/set/global`: those of its sets that are everybody's. */
export const readGlobal: ReadAnswer = (answer) => {
  const found = globalSchema.safeParse(answer).data
  return found && { emotes: readSets(found.default_sets.map((id) => found.sets[String(id)])) }
}

/** `GET /v1/room/{login}` */
export const readRoom: ReadAnswer = (answer) => {
  const found = roomSchema.safeParse(answer).data
  if (!found) return undefined
  const channelId = found.room.twitch_id
  return { emotes: readSets(Object.values(found.sets)), ...(channelId && { channelId }) }
}

const readSets = (sets: readonly unknown[]) =>
  emotesOf(
    sets.flatMap((set) => setSchema.safeParse(set).data?.emoticons ?? []),
    readEmote,
  )

function readEmote(one: unknown): Emote | undefined {
  const emote = emoteSchema.safeParse(one).data
  if (!emote || emote.hidden || (emote.modifier && emote.modifier_flags & HIDDEN)) return undefined
  const { id, name, width, height, modifier, urls, animated } = emote
  return {
    code: name,
    id,
    ...sized(width, height),
    ...(animated && { animated: true }),
    ...(modifier && { overlay: true }),
    ...((animated ?? urls)[2] ? undefined : { single: true }),
  }
}
