import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { createMiddleware } from 'hono/factory'
import { profilePictureSchema } from '../../protocol/api'
import { accountIdSchema } from '../../protocol/device'
import { MAX_PICTURE_BYTES, PICTURE_PIXELS } from '../../protocol/limits'
import { PICTURE_TYPE } from '../../protocol/picture'
import { pictureHashSchema } from '../../protocol/picture-hash'
import { z } from '../../protocol/schema'
import type { AppEnv } from '../app-env'
import { authenticated, authenticatedFor } from '../auth/authenticated'
import { checkPicture } from '../pictures/check'
import { pictureKey } from '../pictures/key'
import { servePicture } from '../pictures/serve'
import { ProblemError } from '../problem'
import { refuseInvalid } from './refuse-invalid'
import { answers, dpop, json, provenAnswers, refusal } from './responses'

const file = (description: string) => ({
  description,
  content: { [PICTURE_TYPE]: { schema: z.string().meta({ format: 'binary' }) } },
})

/** What is announced as anything else is refused before anybody is asked who they are. */
const announcedAsPicture = createMiddleware<AppEnv>((c, next) => {
  if (c.req.header('Content-Type')?.trim().toLowerCase() !== PICTURE_TYPE)
    throw new ProblemError('picture_not_webp')
  return next()
})

const read = createRoute({
  method: 'get',
  path: '/user/profile-picture',
  description: 'Which picture this account has.',
  security: dpop,
  middleware: [authenticated] as const,
  responses: provenAnswers({ 200: json(profilePictureSchema, 'The hash of the picture, if there is one') }),
})

const change = createRoute({
  method: 'post',
  path: '/user/profile-picture',
  description: `Takes a still WebP of ${PICTURE_PIXELS}×${PICTURE_PIXELS} pixels and at most ${MAX_PICTURE_BYTES} bytes, with no metadata. The one before is removed.`,
  security: dpop,
  middleware: [announcedAsPicture, authenticatedFor('picture')] as const,
  request: { body: { ...file('The picture'), required: true } },
  responses: provenAnswers({
    200: json(profilePictureSchema, 'The hash of the new picture'),
    413: refusal('`picture_too_large`'),
    415: refusal('`picture_not_webp`'),
    422: refusal('`picture_wrong_size`, `picture_animated`, `picture_has_metadata`, `picture_broken`'),
  }),
})

const remove = createRoute({
  method: 'delete',
  path: '/user/profile-picture',
  description: 'Removes the picture, if there is one.',
  security: dpop,
  middleware: [authenticated] as const,
  responses: provenAnswers({ 200: json(profilePictureSchema, 'There is none any more') }),
})

const view = createRoute({
  method: 'get',
  path: '/pictures/{account}/{hash}',
  description:
    'A picture that a passport names by account and `avatar`. It never changes. Knows `If-None-Match`, `Range` and `HEAD`.',
  request: { params: z.object({ account: accountIdSchema, hash: pictureHashSchema }) },
  responses: answers({
    200: file('The picture'),
    206: file('A range of it'),
    304: { description: 'The one the asker has' },
    404: refusal('`not_found`: removed, replaced, or never there'),
    416: refusal('`range_not_satisfiable`: `Content-Range` says how long the picture is'),
  }),
})

/** Profile pictures: their owners' side, and everybody's. */
export const pictureRoutes = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  .openapi(read, (c) => c.json({ avatar: c.var.member.avatar ?? null }, 200))
  .openapi(change, async (c) => {
    const bytes = new Uint8Array(await c.req.arrayBuffer())
    // The announced length may have been another.
    if (bytes.length > MAX_PICTURE_BYTES) throw new ProblemError('picture_too_large')
    const hash = await checkPicture(bytes)
    const answer = await c.env.ACCOUNTS.getByName(c.var.member.account).setPicture(hash, bytes)
    if (answer.outcome === 'rate-limited')
      throw new ProblemError('rate_limited', { retryAfter: answer.retryAfter })
    return c.json({ avatar: answer.avatar }, 200)
  })
  .openapi(remove, async (c) => {
    await c.env.ACCOUNTS.getByName(c.var.member.account).removePicture()
    return c.json({ avatar: null }, 200)
  })
  .openapi(view, (c) => {
    const { account, hash } = c.req.valid('param')
    return servePicture(c.env.PICTURES, { key: pictureKey(account, hash), hash, request: c.req.raw })
  })
