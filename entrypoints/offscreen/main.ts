import {
  controlPlane,
  onHistoryCleared,
  onIdentityChanged,
  onPrivacyChanged,
} from '../../platform/control-client'
import { startHost } from './host'

startHost(controlPlane(), { onIdentityChanged, onHistoryCleared, onPrivacyChanged })
