// The content type that goes with an object's name.
import type { Key } from '../core/key.ts'

/** Undefined where the name tells none: `README`, `.profile`, `model.safetensors`. */
export async function contentTypeByName(key: Key): Promise<string | undefined> {
  const name = key.slice(key.lastIndexOf('/') + 1)
  if (!/[^.].*\.[^.]+$/.test(name)) return undefined
  const { default: mime } = await import('mime')
  return mime.getType(name) ?? undefined
}
