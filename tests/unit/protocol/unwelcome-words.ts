/** Substrings that no generated name may hold, wherever its words meet. Lower case. */
export const UNWELCOME = `
  anal anus arse bastard bitch boner boob bugger clit cock coon crap cum cunt damn dick dildo dyke fag fap fatso feck
  fetish fuck gook groin hell hitler homo hooker horny hump idiot incest isis jerk jihad jism jizz kike kill klan
  knob kraut lesb loser milf moron nazi negro nigg nude orgy paki pedo penis piss poop porn prick prostit pube
  pussy queer rape rapist rectum retard scrot semen sex shag shit skank slag slave slut smut snuff spastic spic
  spunk stalin suck suicid testic tits titt tranny turd twat ugly vagin vulva wank weed wetback whore wog
`
  .trim()
  .split(/\s+/)
