import { defineConfig, type UserConfig } from 'tsdown'

const config: UserConfig = defineConfig({
  entry: {
    cli: 'src/cli/main.ts',
    index: 'src/index.ts',
    'state-worker': 'src/state/worker.ts',
    'digest-worker': 'src/serve/body/digest-worker.ts',
    'scan-worker': 'src/transfer/delta/scan-worker.ts',
  },
  platform: 'node',
  format: 'esm',
  target: 'node22.18',
  dts: true,
  clean: true,
})
export default config
