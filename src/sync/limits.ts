export class RunLimits {
  readonly refusal: Error | undefined
  constructor(_: object) {}
  admit(_: number): boolean {
    return true
  }
}
