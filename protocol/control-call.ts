import { codeSchema } from './api'
import { deviceIdSchema } from './device'
import { displayNameSchema } from './display-name'
import { emailSchema } from './email'
import { MAX_NAME_BYTES, MAX_PICTURE_BYTES } from './limits'
import { roomIdSchema } from './room-id'
import { z } from './schema'

/** A profile picture in base64. Bounded before its alphabet is looked at. */
const webpSchema = z
  .string()
  .max(Math.ceil(MAX_PICTURE_BYTES / 3) * 4)
  .pipe(z.base64())

/** Nothing, or what names shall resemble. */
const likeSchema = z.union([z.tuple([]), z.tuple([z.string().max(MAX_NAME_BYTES)])])

/** A call as it travels by `runtime.sendMessage`. */
export const controlCallSchema = z.discriminatedUnion('call', [
  z.object({ to: z.literal('background'), call: z.literal('ensureHost'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('identity'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('requestCode'), args: z.tuple([emailSchema]) }),
  z.object({ to: z.literal('background'), call: z.literal('submitCode'), args: z.tuple([codeSchema]) }),
  z.object({ to: z.literal('background'), call: z.literal('cancelSignIn'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('signOut'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('credentials'), args: z.tuple([z.boolean()]) }),
  z.object({ to: z.literal('background'), call: z.literal('renewPassport'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('socketPass'), args: z.tuple([roomIdSchema]) }),
  z.object({ to: z.literal('background'), call: z.literal('icePass'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('exportHistory'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('clearHistory'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('exportAccount'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('deleteAccount'), args: z.tuple([]) }),
  z.object({
    to: z.literal('background'),
    call: z.literal('nameAvailability'),
    args: z.tuple([displayNameSchema]),
  }),
  z.object({ to: z.literal('background'), call: z.literal('suggestNames'), args: likeSchema }),
  z.object({ to: z.literal('background'), call: z.literal('rename'), args: z.tuple([displayNameSchema]) }),
  z.object({ to: z.literal('background'), call: z.literal('picture'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('setPicture'), args: z.tuple([webpSchema]) }),
  z.object({ to: z.literal('background'), call: z.literal('removePicture'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('devices'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('endDevice'), args: z.tuple([deviceIdSchema]) }),
  z.object({ to: z.literal('background'), call: z.literal('twitchLink'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('openTwitchPage'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('linkTwitch'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('unlinkTwitch'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('showTwitch'), args: z.tuple([z.boolean()]) }),
  z.object({ to: z.literal('background'), call: z.literal('role'), args: z.tuple([roomIdSchema]) }),
  z.object({ to: z.literal('background'), call: z.literal('privacy'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('setDirect'), args: z.tuple([z.boolean()]) }),
  z.object({
    to: z.literal('background'),
    call: z.literal('showCalls'),
    args: z.tuple([
      z.int(),
      z.object({ tab: z.int(), title: z.string(), text: z.string().exactOptional() }).nullable(),
    ]),
  }),
  z.object({ to: z.literal('background'), call: z.literal('emotesAllowed'), args: z.tuple([]) }),
])
export type ControlCall = z.infer<typeof controlCallSchema>
