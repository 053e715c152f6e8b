import { sidestream } from './mesh-member'
import { serve } from './mesh-page'

serve(sidestream)
