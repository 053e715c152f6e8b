import type { NameStatus } from '../stores/name'
import type { MessageKey } from './text'

/** What is said of a name in the field; `null`: nothing. Each refusal says what to do. */
export const NAME_STATUS_WORDS: Readonly<Record<NameStatus, MessageKey | null>> = {
  empty: null,
  checking: null,
  free: 'nameFree',
  yours: 'nameYours',
  same: 'nameSame',
  taken: 'nameTaken',
  reserved: 'nameReserved',
  'not-allowed': 'error_name_not_allowed',
  unknown: 'nameUnknown',
  'too-short': 'nameTooShort',
  'too-long': 'nameTooLong',
  address: 'nameAddress',
  characters: 'nameCharacters',
  letterless: 'nameLetterless',
}
