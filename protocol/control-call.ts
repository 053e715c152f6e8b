import { codeSchema, emailSchema } from './api'
import { roomIdSchema } from './room-id'
import { z } from './schema'

/** A call as it travels by `runtime.sendMessage`. */
export const controlCallSchema = z.discriminatedUnion('call', [
  z.object({ to: z.literal('background'), call: z.literal('ensureHost'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('identity'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('requestCode'), args: z.tuple([emailSchema]) }),
  z.object({ to: z.literal('background'), call: z.literal('submitCode'), args: z.tuple([codeSchema]) }),
  z.object({ to: z.literal('background'), call: z.literal('cancelSignIn'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('signOut'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('credentials'), args: z.tuple([z.boolean()]) }),
  z.object({ to: z.literal('background'), call: z.literal('socketPass'), args: z.tuple([roomIdSchema]) }),
  z.object({ to: z.literal('background'), call: z.literal('icePass'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('exportHistory'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('clearHistory'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('privacy'), args: z.tuple([]) }),
  z.object({ to: z.literal('background'), call: z.literal('setDirect'), args: z.tuple([z.boolean()]) }),
])
export type ControlCall = z.infer<typeof controlCallSchema>
