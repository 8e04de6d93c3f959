import { combineCrc32c, Crc32c } from '../../src/kernels/crc32c.ts'
import { describeCrc32 } from './crc32-suite.ts'

describeCrc32({
  polynomial: 0x82f63b78,
  check: 0xe3069283,
  create: () => new Crc32c(),
  combine: combineCrc32c,
  goldens: [
    [0, 0x00000000],
    [1, 0x13064eed],
    [7, 0xd60706b3],
    [16, 0x29e82350],
    [31, 0x1caa0594],
    [8_191, 0x8f3f3c09],
    [8_192, 0xfe8ad34a],
    [65_536, 0xf2d98f0e],
    [524_291, 0x56bc71da],
  ],
})
