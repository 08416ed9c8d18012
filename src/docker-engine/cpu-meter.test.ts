import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CpuMeter } from './cpu-meter.ts';

const reading = (at: number, cpuTime: number, since = 0, id = 'a') => ({ id, since, cpuTime, at });

test('the first reading is the average since the start, the next ones since the reading before', () => {
  const meter = new CpuMeter();
  expect(meter.cores(reading(10_000, 5_000))).toBe(0.5);
  expect(meter.cores(reading(12_000, 8_000))).toBe(1.5);
  expect(meter.cores(reading(14_000, 8_000))).toBe(0);
});

test('two readings in one second tell the same, and do not shorten the span of the third', () => {
  const meter = new CpuMeter();
  meter.cores(reading(10_000, 5_000));
  expect(meter.cores(reading(10_500, 5_500))).toBe(0.5);
  expect(meter.cores(reading(12_000, 7_000))).toBe(1);
});

test('a container that was started again begins anew, whether its start or its clock tells', () => {
  const meter = new CpuMeter();
  meter.cores(reading(10_000, 5_000));
  expect(meter.cores(reading(14_000, 1_000, 12_000))).toBe(0.5);
  expect(meter.cores(reading(16_000, 400, 12_000))).toBe(0.1);
});

test('what nobody asked about for an hour is forgotten', () => {
  const meter = new CpuMeter();
  meter.cores(reading(10_000, 10_000));
  const later = 2 * 3_600_000;
  meter.cores(reading(later, 0, 0, 'b'));
  expect(meter.cores(reading(later, later / 4))).toBe(0.25);
});

test('never less than nothing, and never more than there was', () => {
  const step = fc.record({ pause: fc.nat(10_000), cores: fc.double({ min: 0, max: 8, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const meter = new CpuMeter();
      let [at, cpuTime] = [0, 0];
      for (const { pause, cores } of steps) {
        at += pause;
        cpuTime += pause * cores;
        const found = meter.cores(reading(at, cpuTime));
        expect(found).toBeGreaterThanOrEqual(0);
        expect(found).toBeLessThanOrEqual(8.000_001);
      }
    }),
  );
});
