import { hc } from 'hono/client'
import {
  accountExportSchema,
  accountSchema,
  codeResponseSchema,
  devicesResponseSchema,
  displayNameBodySchema,
  iceResponseSchema,
  nameAvailabilitySchema,
  nameSuggestionsSchema,
  passportResponseSchema,
  profilePictureSchema,
  roleResponseSchema,
  ticketResponseSchema,
  tokenResponseSchema,
  twitchAttemptResponseSchema,
  twitchResponseSchema,
} from '../protocol/api'
import { ControlError } from '../protocol/control'
import { problemSchema } from '../protocol/errors'
import { PICTURE_TYPE } from '../protocol/picture'
import { z } from '../protocol/schema'
import type { Access } from '../services/identity/access'
import type { WorkerApi } from '../services/identity/worker-api'
import type { App } from '../worker/app'

/** A Worker that has not answered by then is taken for unreachable. */
const TIMEOUT_MS = 15_000

const keySetSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })

/**
 * The Worker's routes over HTTP, typed by the routes themselves, every answer checked by its schema. `access`
 * authorises what only members may call.
 */
export function connectWorker(origin: string, access: Access): WorkerApi {
  const send = async (request: Request) => {
    const response = await reach(request)
    access.observe(response)
    return response
  }
  const open = hc<App>(origin, {
    fetch: (url: string | URL | Request, init?: RequestInit) => send(new Request(url, init)),
  })
  const member = hc<App>(origin, {
    fetch: (url: string | URL | Request, init?: RequestInit) => access.send(new Request(url, init), reach),
  })
  return {
    origin,
    requestCode: async (email, device, returning) =>
      read(await open.auth.code.$post({ json: { email, device, returning } }), codeResponseSchema),
    verify: async (json) => read(await open.auth.verify.$post({ json }), accountSchema),
    token: async (assertion) =>
      read(await open.auth.token.$post({ json: { assertion } }), tokenResponseSchema),
    keys: async () => read(await open['.well-known']['jwks.json'].$get(), keySetSchema),
    passport: async () => read(await member.passport.$post(), passportResponseSchema),
    ticket: async (room) =>
      read(await member.rooms[':room'].ticket.$post({ param: { room } }), ticketResponseSchema),
    icePass: async () => read(await member.ice.$get(), iceResponseSchema),
    nameAvailability: async (name, signal) => {
      const param = { name: encodeURIComponent(name) }
      const asked = await member.names[':name'].availability.$get({ param }, { init: { signal } })
      return read(asked, nameAvailabilitySchema)
    },
    suggestNames: async (like) => {
      const query = like === undefined ? {} : { like }
      return (await read(await member.names.suggest.$get({ query }), nameSuggestionsSchema)).names
    },
    rename: async (displayName) => {
      const answer = await member.user['display-name'].$put({ json: { displayName } })
      return (await read(answer, displayNameBodySchema)).displayName
    },
    exportAccount: async () => {
      const response = await member.account.export.$get()
      if (!response.ok) throw await refusal(response)
      return JSON.stringify(await read(response, accountExportSchema), undefined, 2)
    },
    deleteAccount: async () => {
      const response = await member.account.$delete()
      if (!response.ok) throw await refusal(response)
    },
    picture: async () => avatarIn(await member.user['profile-picture'].$get()),
    setPicture: async (webp) => {
      const init = { body: webp, headers: { 'Content-Type': PICTURE_TYPE } }
      return avatarIn(await member.user['profile-picture'].$post({}, { init }))
    },
    removePicture: async () => avatarIn(await member.user['profile-picture'].$delete()),
    devices: async () => (await read(await member.devices.$get(), devicesResponseSchema)).devices,
    endDeviceOf: async (device) => {
      const response = await member.devices[':device'].$delete({ param: { device } })
      // Ended already, perhaps by an answer that was lost: as wanted.
      if (!response.ok && response.status !== 404) throw await refusal(response)
    },
    twitch: async () => read(await member.twitch.$get(), twitchResponseSchema),
    beginTwitch: async (redirect) => {
      const begun = await member.twitch.attempt.$post({ json: { redirect } })
      return (await read(begun, twitchAttemptResponseSchema)).url
    },
    linkTwitch: async (result) =>
      read(await member.twitch.link.$post({ json: { result } }), twitchResponseSchema),
    unlinkTwitch: async () => {
      const response = await member.twitch.$delete()
      if (!response.ok) throw await refusal(response)
    },
    showTwitch: async (shown) =>
      read(await member.twitch.visibility.$put({ json: { shown } }), twitchResponseSchema),
    role: async (login) =>
      read(await member.rooms[':login'].role.$get({ param: { login } }), roleResponseSchema),
    endDevice: async () => {
      const response = await member.auth.device.$delete()
      if (!response.ok) throw await refusal(response)
    },
  }
}

async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request, {
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
  } catch {
    throw new ControlError('worker_unreachable')
  }
}

/** What `hc` answers with, as far as it is needed here. */
interface Answer {
  ok: boolean
  json(): Promise<unknown>
}

async function read<Schema extends z.ZodType>(response: Answer, schema: Schema): Promise<z.output<Schema>> {
  if (!response.ok) throw await refusal(response)
  const parsed = schema.safeParse(await response.json().catch(() => undefined))
  // Whatever answered there is not our Worker: a captive portal, a proxy.
  if (!parsed.success) throw new ControlError('worker_unreachable')
  return parsed.data
}

const avatarIn = async (response: Answer) => (await read(response, profilePictureSchema)).avatar

async function refusal(response: Answer): Promise<ControlError> {
  const problem = problemSchema.safeParse(await response.json().catch(() => undefined))
  if (!problem.success) return new ControlError('worker_unreachable')
  return new ControlError(problem.data.code, problem.data.retryAfter)
}
