/** Where some of the viewer's settings are kept, as pages use it. */
export interface SettingsSource<Settings> {
  /** Rejects where storage does not work. */
  load(): Promise<Settings>
  save(settings: Settings): Promise<void>
  /** Calls back with what any page has saved, this one included. Returns how to stop. */
  onChanged(listener: (settings: Settings) => void): () => void
}
