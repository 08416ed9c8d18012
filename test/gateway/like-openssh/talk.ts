import { connect } from 'node:net';

/**
 * `talk <path or port>`: as `nc -N`, which machines have in three kinds. Ends its side when stdin has ended, and ends with the other side.
 */
const [to = ''] = process.argv.slice(2);
const socket = connect(/^\d+$/.test(to) ? { port: Number(to), host: '127.0.0.1' } : { path: to });
socket.allowHalfOpen = true;
socket.on('error', () => process.exit(1));
process.stdin.pipe(socket);
socket.pipe(process.stdout);
