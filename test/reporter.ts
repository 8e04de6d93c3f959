// Shows failures in detail and nothing else, names what was skipped, and ends with the plain counts.
import { MinimalReporter, type TestModule, type TestRunEndReason } from 'vitest/node'

type Errors = Parameters<MinimalReporter['onTestRunEnd']>[1]

export default class CountsReporter extends MinimalReporter {
  override onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: Errors,
    reason: TestRunEndReason,
  ): void {
    super.onTestRunEnd(modules, unhandled, reason)
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 }
    for (const module of modules) {
      counts.failed += failuresOutsideTests(module)
      let skipped = 0
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed' || state === 'failed') counts[state] += 1
        else skipped += 1
      }
      if (skipped > 0) this.log(`${module.relativeModuleId}: ${skipped} skipped`)
      counts.skipped += skipped
    }
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`
    // The last thing of all: after what the end of the run itself may have to say.
    process.once('exit', () => process.stdout.write(line))
  }
}

/** Files that did not load, and suites whose hooks failed. */
function failuresOutsideTests(module: TestModule): number {
  const suites = [module, ...module.children.allSuites()]
  return suites.filter((suite) => suite.errors().length > 0).length
}
