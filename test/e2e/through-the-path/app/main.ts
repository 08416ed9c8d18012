import { startGrpc } from './grpc.ts';
import { PORT } from './ports.ts';
import { startWeb } from './web.ts';

/*
 * The app at the end of the path. It runs in the lab container, by the Node and with the libraries of the tests, which are mounted there.
 */
startWeb(PORT.web);
await startGrpc(PORT.grpc);
