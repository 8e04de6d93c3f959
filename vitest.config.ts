import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/servers/global-setup.ts',
    reporters: ['./test/reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
export default config
