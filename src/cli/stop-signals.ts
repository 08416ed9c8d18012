import { constants } from 'node:os';

/** The first is a request to stop, the second an order to. SIGHUP comes when the terminal is closed. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** What of a process the signals need. */
export interface SignalReceiver {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  exit(code: number): unknown;
}

/** Aborts at the first stop signal; at the second the process ends at once, with 128 + the signal's number. */
export function stopSignals(receiver: SignalReceiver): { readonly stop: AbortSignal } & Disposable {
  const controller = new AbortController();
  const listener = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) receiver.exit(128 + constants.signals[signal]);
    controller.abort(new Error(`stopped by ${signal}`));
  };
  for (const signal of STOP_SIGNALS) receiver.on(signal, listener);
  return {
    stop: controller.signal,
    [Symbol.dispose]() {
      for (const signal of STOP_SIGNALS) receiver.off(signal, listener);
    },
  };
}
