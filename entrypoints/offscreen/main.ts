import { onCommand } from '../../platform/commands'
import {
  controlPlane,
  onEmotesChanged,
  onHistoryCleared,
  onIdentityChanged,
  onPrivacyChanged,
} from '../../platform/control-client'
import { startHost } from './host'

startHost(controlPlane(), {
  onIdentityChanged,
  onHistoryCleared,
  onPrivacyChanged,
  onEmotesChanged,
  onCommand,
})
