import { combineCrc32, Crc32 } from '../../src/kernels/crc32.ts'
import { describeCrc32 } from './crc32-suite.ts'

describeCrc32({
  polynomial: 0xedb88320,
  check: 0xcbf43926,
  create: () => new Crc32(),
  combine: combineCrc32,
  goldens: [
    [0, 0x00000000],
    [1, 0xa4deae1d],
    [7, 0x0f57bab9],
    [16, 0x6954feb8],
    [31, 0xe50a4394],
    [8_191, 0x628f9563],
    [8_192, 0x98bfc559],
    [65_536, 0x94fc63db],
    [524_291, 0xafc510a0],
  ],
})
