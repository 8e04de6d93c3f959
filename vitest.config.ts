import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/seed.ts', 'test/servers/global-setup.ts'],
    setupFiles: 'test/random.ts',
    reporters: ['./test/reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
export default config
