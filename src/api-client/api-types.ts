// Made from docs/openapi.json by `npm run openapi`. Not to be edited.

export interface paths {
    readonly "/api/v1/clusters": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The clusters that the caller may see. */
        readonly get: operations["list"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/clusters/{user}/{lab}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** All that is known of a cluster. */
        readonly get: operations["status"];
        /**
         * Have it of use: made, started or resumed, whatever it takes.
         * @description Without `wait` it answers at once. With `Accept: text/event-stream` it tells what is going on: `progress` events, and then one of `ready` and `pending` (the data is a Cluster) or `failed` (a Problem). Who hangs up does not call it off.
         */
        readonly put: operations["ensure"];
        readonly post?: never;
        /** Delete it, with all that is in it, until somebody wants one or comes anew. The home stays. */
        readonly delete: operations["remove"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/clusters/{user}/{lab}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What happened to the workspace, oldest first; with `follow` all that comes as well.
         * @description Server-sent events; the data of each is a RecordedEvent. A reader that was cut off goes on with `Last-Event-ID`.
         */
        readonly get: operations["events"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/clusters/{user}/{lab}/extend": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Put off the end that the lab sets to the sessions in the workspace. */
        readonly post: operations["extend"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/clusters/{user}/{lab}/kubeconfig": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** A kubeconfig: for the lab container, or for any machine, through the public entry point. */
        readonly get: operations["kubeconfig"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/clusters/{user}/{lab}/logs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What the nodes say, and said when they last failed; as JSON or as text, by `Accept`. */
        readonly get: operations["logs"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/clusters/{user}/{lab}/nodes/{node}/start": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Have a lost agent back. */
        readonly post: operations["startNode"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/clusters/{user}/{lab}/nodes/{node}/stop": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Lose an agent: an exercise. */
        readonly post: operations["stopNode"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/clusters/{user}/{lab}/reset": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** A new cluster; the state of the old one is kept aside. */
        readonly post: operations["reset"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/clusters/{user}/{lab}/stop": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Stop it and free its memory, until somebody wants it or comes anew. */
        readonly post: operations["stop"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/clusters/{user}/{lab}/suspend": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Pause it, with its memory kept, until somebody wants it or comes anew. */
        readonly post: operations["suspend"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/jwks.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The public keys of the tokens (RFC 7517). */
        readonly get: operations["jwks"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/openapi.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** This description. */
        readonly get: operations["openapi"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        readonly Cluster: {
            /** @description Within the host; null while it is asleep. `api`: host and port of Kubernetes' own. */
            readonly addresses: {
                readonly api: string;
                readonly ingress: string;
            } | null;
            /** @description Of all nodes; null: Docker did not say. */
            readonly cpu_cores: number | null;
            /** @description When the cluster is deleted if nobody comes. */
            readonly delete_at: string | null;
            /** @description What is being done with it now. */
            readonly doing: {
                /** @enum {string} */
                readonly action: "create" | "start" | "resume" | "connect" | "suspend" | "stop" | "remove" | "reset";
                /** @description When it is given up; null: never. */
                readonly overdue_at: string | null;
                /**
                 * @description `slow`: it has taken more than half of its time; `overdue`: all of it.
                 * @enum {string}
                 */
                readonly pace: "usual" | "slow" | "overdue";
                /** Format: date-time */
                readonly since: string;
                /** @description A short phrase for people, or empty. */
                readonly step: string;
            } | null;
            /** @description Why the last step failed. `id`: under which the log has it. */
            readonly error: components["schemas"]["StepError"] | null;
            readonly lab: string;
            /** @description It was so already when the factory started. */
            readonly longer: boolean;
            /** @description Of all nodes; null: Docker did not say. */
            readonly memory_bytes: number | null;
            /** @description What the passing of time alone will make of it. */
            readonly next: {
                /** Format: date-time */
                readonly at: string;
                /** @enum {string} */
                readonly state: "suspended" | "stopped" | "deleted";
            } | null;
            /** @description Servers first; null: Docker did not say. */
            readonly nodes: readonly components["schemas"]["Node"][] | null;
            /** @description What was ordered of it, until somebody wants it or comes anew. `by` null: it was ordered of the whole workspace. */
            readonly order: {
                readonly by: string | null;
                /** @enum {string} */
                readonly kind: "suspend" | "stop" | "delete";
            } | null;
            /** @description It is of use now. */
            readonly ready: boolean;
            /** @description Where requests for its hosts go: to it, or to the page that says that it sleeps. */
            readonly route: ("awake" | "asleep") | null;
            /** @description That are open in the workspace. */
            readonly sessions: number;
            /**
             * Format: date-time
             * @description Since when what was last seen of it is so.
             */
            readonly since: string;
            /**
             * @description `failed`, or what is being done with it, or what was last seen of it.
             * @enum {string}
             */
            readonly state: "running" | "suspended" | "stopped" | "incomplete" | "absent" | "unknown" | "creating" | "starting" | "resuming" | "connecting" | "suspending" | "stopping" | "removing" | "resetting" | "failed";
            /** @description Where its Ingresses answer. */
            readonly urls: {
                readonly http: string;
                readonly https: string;
            };
            readonly user: string;
            /** @description Of Kubernetes, each once. */
            readonly versions: readonly string[];
        };
        readonly ClusterList: {
            readonly clusters: readonly components["schemas"]["ClusterSummary"][];
        };
        readonly ClusterLogs: {
            /** @description Of the last creation or start that failed. */
            readonly last_failure: {
                /** Format: date-time */
                readonly at: string;
                readonly lines: readonly string[];
            } | null;
            readonly nodes: readonly {
                readonly lines: readonly string[];
                readonly name: string;
                /** @description Docker's word: running, paused, exited, … */
                readonly state: string;
            }[];
        };
        readonly ClusterSummary: {
            /** @description When the cluster is deleted if nobody comes. */
            readonly delete_at: string | null;
            /** @description What is being done with it now. */
            readonly doing: {
                /** @enum {string} */
                readonly action: "create" | "start" | "resume" | "connect" | "suspend" | "stop" | "remove" | "reset";
                /** @description When it is given up; null: never. */
                readonly overdue_at: string | null;
                /**
                 * @description `slow`: it has taken more than half of its time; `overdue`: all of it.
                 * @enum {string}
                 */
                readonly pace: "usual" | "slow" | "overdue";
                /** Format: date-time */
                readonly since: string;
                /** @description A short phrase for people, or empty. */
                readonly step: string;
            } | null;
            /** @description Why the last step failed. `id`: under which the log has it. */
            readonly error: components["schemas"]["StepError"] | null;
            readonly lab: string;
            /** @description It was so already when the factory started. */
            readonly longer: boolean;
            /** @description What the passing of time alone will make of it. */
            readonly next: {
                /** Format: date-time */
                readonly at: string;
                /** @enum {string} */
                readonly state: "suspended" | "stopped" | "deleted";
            } | null;
            /** @description What was ordered of it, until somebody wants it or comes anew. `by` null: it was ordered of the whole workspace. */
            readonly order: {
                readonly by: string | null;
                /** @enum {string} */
                readonly kind: "suspend" | "stop" | "delete";
            } | null;
            /** @description It is of use now. */
            readonly ready: boolean;
            /** @description Where requests for its hosts go: to it, or to the page that says that it sleeps. */
            readonly route: ("awake" | "asleep") | null;
            /** @description That are open in the workspace. */
            readonly sessions: number;
            /**
             * Format: date-time
             * @description Since when what was last seen of it is so.
             */
            readonly since: string;
            /**
             * @description `failed`, or what is being done with it, or what was last seen of it.
             * @enum {string}
             */
            readonly state: "running" | "suspended" | "stopped" | "incomplete" | "absent" | "unknown" | "creating" | "starting" | "resuming" | "connecting" | "suspending" | "stopping" | "removing" | "resetting" | "failed";
            /** @description Where its Ingresses answer. */
            readonly urls: {
                readonly http: string;
                readonly https: string;
            };
            readonly user: string;
        };
        readonly Extension: {
            /**
             * Format: date-time
             * @description The first end of the sessions in it.
             */
            readonly ends_at: string;
        };
        readonly Node: {
            /** @description IPv4 in the cluster's network. */
            readonly address: string | null;
            /** @description Cores that it uses on average; 0 where it does not run. */
            readonly cpu_cores: number | null;
            /** @description Of the host's memory, now. */
            readonly memory_bytes: number | null;
            readonly name: string;
            /** @description Whether Kubernetes calls it Ready; null: not known. */
            readonly ready: boolean | null;
            /** @enum {string} */
            readonly role: "server" | "agent";
            /** @description Since when its container runs. */
            readonly since: string | null;
            /** @enum {string} */
            readonly state: "running" | "suspended" | "stopped" | "taken_down";
            /** @description Of its kubelet. */
            readonly version: string | null;
        };
        readonly Problem: {
            /** @enum {string} */
            readonly code: "CONFIG_INVALID" | "CONFIG_UNREADABLE" | "PORT_IN_USE" | "ALREADY_RUNNING" | "NOT_RUNNING" | "CONTROL_FAILED" | "DATA_FOLDER_NEWER" | "DATA_FOLDER_UNREADABLE" | "DATA_FOLDER_UNAVAILABLE" | "HISTORY_UNREADABLE" | "SSH_KEY_UNUSABLE" | "LIBRARY_UNPATCHED" | "IDENTITY_UNAVAILABLE" | "LAB_INVALID" | "LAB_IMAGE_MISSING" | "LAB_IMAGE_WITHOUT_SSHD" | "IMAGE_UNAVAILABLE" | "DOCKER_UNAVAILABLE" | "DOCKER_FAILED" | "K3D_MISSING" | "DISK_NEARLY_FULL" | "SUBNETS_EXHAUSTED" | "CLUSTER_FAILED" | "CLUSTER_BROKEN" | "CLUSTER_NOT_READY" | "CLUSTER_ASLEEP" | "NODE_UNKNOWN" | "WORKSPACE_ASLEEP" | "CONTAINER_FAILED" | "INNER_SSHD_FAILED" | "TRAEFIK_FAILED" | "LAB_UNKNOWN" | "LAB_WITHOUT_CLUSTER" | "TOKEN_REFUSED" | "TOKEN_KEYS_UNUSABLE" | "ACCESS_DENIED" | "REQUEST_INVALID" | "TOO_MANY_REQUESTS" | "API_UNREACHABLE" | "CLUSTER_SERVICE_UNREACHABLE" | "CLUSTER_SERVICE_UNFIT" | "LOG_ENTRY_UNKNOWN" | "HOOK_FAILED" | "HOOKS_UNREADABLE" | "IDENTITY_CHANGED" | "USER_UNKNOWN" | "USERNAME_RESERVED" | "TIMED_OUT" | "OVERDUE" | "STEP_UNDONE" | "EXTENSION_REFUSED" | "SHUTTING_DOWN" | "WORKSPACE_UNKNOWN" | "WORKSPACE_IN_USE" | "WORKSPACE_EXISTS" | "BACKUP_INVALID" | "BACKUP_UNWRITABLE" | "SUBNET_TAKEN" | "RESTORE_UNFINISHED" | "REMOVAL_INCOMPLETE" | "NOT_CONFIRMED" | "INTERRUPTED" | "UNEXPECTED";
            /** @description a sentence that says what to do */
            readonly detail: string;
            /** @description under which the factory's log has it, where it has it */
            readonly id: string;
            /** @description that of the answer */
            readonly status: number;
            readonly title: string;
            /** @description urn:ssh-lab-factory:error: and the code */
            readonly type: string;
        };
        readonly Progress: {
            /** @enum {string} */
            readonly action: "create" | "start" | "resume" | "connect" | "suspend" | "stop" | "remove" | "reset";
            /** @enum {string} */
            readonly part: "container" | "cluster";
            readonly step: string;
        };
        readonly RecordedEvent: {
            /** Format: date-time */
            readonly at: string;
            readonly client: string;
            readonly id: number | null;
            /** @constant */
            readonly kind: "session_began";
            readonly lab: string;
            readonly program: string;
            /** @default  */
            readonly session: string;
            readonly user: string;
        } | {
            /** Format: date-time */
            readonly at: string;
            readonly client: string;
            readonly id: number | null;
            /** @constant */
            readonly kind: "session_ended";
            readonly lab: string;
            readonly last: boolean;
            readonly ms: number;
            readonly program: string;
            /** @enum {string} */
            readonly reason: "closed" | "lost" | "idle" | "max_session" | "operator" | "restart" | "refused" | "protocol_error" | "factory_killed";
            /** @default  */
            readonly session: string;
            readonly user: string;
        } | {
            /** @enum {string} */
            readonly action: "create" | "start" | "resume" | "connect" | "suspend" | "stop" | "remove" | "reset";
            /** Format: date-time */
            readonly at: string;
            readonly cause: {
                readonly client: string;
                /** @constant */
                readonly kind: "session";
            } | {
                /** @enum {string} */
                readonly after: "grace" | "stop_after" | "delete_after";
                /** @constant */
                readonly kind: "time";
            } | {
                /** @constant */
                readonly kind: "memory_pressure";
            } | {
                readonly by: string;
                /** @enum {string} */
                readonly command: "suspend" | "stop" | "start" | "reset" | "delete" | "pin" | "unpin" | "cluster_start" | "cluster_suspend" | "cluster_stop" | "cluster_delete" | "node_stop" | "node_start";
                /** @constant */
                readonly kind: "command";
            } | {
                readonly by: string;
                /** @constant */
                readonly kind: "pin";
            };
            /** @enum {string} */
            readonly from: "absent" | "incomplete" | "stopped" | "suspended" | "unconnected" | "running";
            readonly id: number | null;
            /** @constant */
            readonly kind: "step_done";
            readonly lab: string;
            readonly ms: number;
            /** @enum {string} */
            readonly part: "container" | "cluster";
            /** @enum {string} */
            readonly to: "absent" | "incomplete" | "stopped" | "suspended" | "unconnected" | "running";
            readonly user: string;
        } | {
            /** @enum {string} */
            readonly action: "create" | "start" | "resume" | "connect" | "suspend" | "stop" | "remove" | "reset";
            /** Format: date-time */
            readonly at: string;
            readonly cause: {
                readonly client: string;
                /** @constant */
                readonly kind: "session";
            } | {
                /** @enum {string} */
                readonly after: "grace" | "stop_after" | "delete_after";
                /** @constant */
                readonly kind: "time";
            } | {
                /** @constant */
                readonly kind: "memory_pressure";
            } | {
                readonly by: string;
                /** @enum {string} */
                readonly command: "suspend" | "stop" | "start" | "reset" | "delete" | "pin" | "unpin" | "cluster_start" | "cluster_suspend" | "cluster_stop" | "cluster_delete" | "node_stop" | "node_start";
                /** @constant */
                readonly kind: "command";
            } | {
                readonly by: string;
                /** @constant */
                readonly kind: "pin";
            };
            readonly error: {
                /** @enum {string} */
                readonly code: "CONFIG_INVALID" | "CONFIG_UNREADABLE" | "PORT_IN_USE" | "ALREADY_RUNNING" | "NOT_RUNNING" | "CONTROL_FAILED" | "DATA_FOLDER_NEWER" | "DATA_FOLDER_UNREADABLE" | "DATA_FOLDER_UNAVAILABLE" | "HISTORY_UNREADABLE" | "SSH_KEY_UNUSABLE" | "LIBRARY_UNPATCHED" | "IDENTITY_UNAVAILABLE" | "LAB_INVALID" | "LAB_IMAGE_MISSING" | "LAB_IMAGE_WITHOUT_SSHD" | "IMAGE_UNAVAILABLE" | "DOCKER_UNAVAILABLE" | "DOCKER_FAILED" | "K3D_MISSING" | "DISK_NEARLY_FULL" | "SUBNETS_EXHAUSTED" | "CLUSTER_FAILED" | "CLUSTER_BROKEN" | "CLUSTER_NOT_READY" | "CLUSTER_ASLEEP" | "NODE_UNKNOWN" | "WORKSPACE_ASLEEP" | "CONTAINER_FAILED" | "INNER_SSHD_FAILED" | "TRAEFIK_FAILED" | "LAB_UNKNOWN" | "LAB_WITHOUT_CLUSTER" | "TOKEN_REFUSED" | "TOKEN_KEYS_UNUSABLE" | "ACCESS_DENIED" | "REQUEST_INVALID" | "TOO_MANY_REQUESTS" | "API_UNREACHABLE" | "CLUSTER_SERVICE_UNREACHABLE" | "CLUSTER_SERVICE_UNFIT" | "LOG_ENTRY_UNKNOWN" | "HOOK_FAILED" | "HOOKS_UNREADABLE" | "IDENTITY_CHANGED" | "USER_UNKNOWN" | "USERNAME_RESERVED" | "TIMED_OUT" | "OVERDUE" | "STEP_UNDONE" | "EXTENSION_REFUSED" | "SHUTTING_DOWN" | "WORKSPACE_UNKNOWN" | "WORKSPACE_IN_USE" | "WORKSPACE_EXISTS" | "BACKUP_INVALID" | "BACKUP_UNWRITABLE" | "SUBNET_TAKEN" | "RESTORE_UNFINISHED" | "REMOVAL_INCOMPLETE" | "NOT_CONFIRMED" | "INTERRUPTED" | "UNEXPECTED";
                readonly id: string;
                readonly message: string;
            };
            /** @enum {string} */
            readonly from: "absent" | "incomplete" | "stopped" | "suspended" | "unconnected" | "running";
            readonly id: number | null;
            /** @constant */
            readonly kind: "step_failed";
            readonly lab: string;
            readonly ms: number;
            /** @enum {string} */
            readonly part: "container" | "cluster";
            /** Format: date-time */
            readonly retry_at: string;
            readonly user: string;
        } | {
            /** Format: date-time */
            readonly at: string;
            readonly from: ("absent" | "incomplete" | "stopped" | "suspended" | "unconnected" | "running") | null;
            readonly id: number | null;
            /** @constant */
            readonly kind: "found";
            readonly lab: string;
            /** @enum {string} */
            readonly part: "container" | "cluster";
            /** @enum {string} */
            readonly to: "absent" | "incomplete" | "stopped" | "suspended" | "unconnected" | "running";
            readonly user: string;
        } | {
            /** Format: date-time */
            readonly at: string;
            readonly by: string;
            readonly command: {
                readonly end_sessions: boolean;
                /** @constant */
                readonly kind: "suspend";
            } | {
                readonly end_sessions: boolean;
                /** @constant */
                readonly kind: "stop";
            } | {
                /** @constant */
                readonly kind: "start";
            } | {
                /** @constant */
                readonly kind: "reset";
                /** @enum {string} */
                readonly part: "container" | "cluster";
            } | {
                readonly end_sessions: boolean;
                readonly home: boolean;
                /** @constant */
                readonly kind: "delete";
            } | {
                /** @constant */
                readonly kind: "pin";
                /** Format: date-time */
                readonly until: string;
            } | {
                /** @constant */
                readonly kind: "unpin";
            } | {
                /** @enum {string} */
                readonly kind: "cluster_start" | "cluster_suspend" | "cluster_stop" | "cluster_delete";
            } | {
                /** @enum {string} */
                readonly kind: "node_stop" | "node_start";
                readonly node: string;
            };
            readonly id: number | null;
            /** @constant */
            readonly kind: "commanded";
            readonly lab: string;
            readonly user: string;
        } | {
            /** Format: date-time */
            readonly at: string;
            readonly available_bytes: number;
            readonly id: number | null;
            /** @constant */
            readonly kind: "memory_pressure";
            readonly lab: string;
            readonly user: string;
        } | {
            /** Format: date-time */
            readonly at: string;
            readonly attempt: number;
            readonly delivery: string;
            /** @enum {string} */
            readonly hook: "initialization" | "first_session" | "session_start" | "session_end" | "last_session" | "cleanup" | "delete";
            readonly id: number | null;
            /** @constant */
            readonly kind: "hook";
            readonly lab: string;
            readonly ms: number;
            /** @enum {string} */
            readonly outcome: "delivered" | "failed" | "given_up" | "refused";
            readonly user: string;
        } | {
            /** Format: date-time */
            readonly at: string;
            /** Format: date-time */
            readonly delete_at: string;
            readonly id: number | null;
            /** @constant */
            readonly kind: "deletion_ahead";
            readonly lab: string;
            readonly user: string;
        };
        readonly StepError: {
            /** @enum {string} */
            readonly code: "CONFIG_INVALID" | "CONFIG_UNREADABLE" | "PORT_IN_USE" | "ALREADY_RUNNING" | "NOT_RUNNING" | "CONTROL_FAILED" | "DATA_FOLDER_NEWER" | "DATA_FOLDER_UNREADABLE" | "DATA_FOLDER_UNAVAILABLE" | "HISTORY_UNREADABLE" | "SSH_KEY_UNUSABLE" | "LIBRARY_UNPATCHED" | "IDENTITY_UNAVAILABLE" | "LAB_INVALID" | "LAB_IMAGE_MISSING" | "LAB_IMAGE_WITHOUT_SSHD" | "IMAGE_UNAVAILABLE" | "DOCKER_UNAVAILABLE" | "DOCKER_FAILED" | "K3D_MISSING" | "DISK_NEARLY_FULL" | "SUBNETS_EXHAUSTED" | "CLUSTER_FAILED" | "CLUSTER_BROKEN" | "CLUSTER_NOT_READY" | "CLUSTER_ASLEEP" | "NODE_UNKNOWN" | "WORKSPACE_ASLEEP" | "CONTAINER_FAILED" | "INNER_SSHD_FAILED" | "TRAEFIK_FAILED" | "LAB_UNKNOWN" | "LAB_WITHOUT_CLUSTER" | "TOKEN_REFUSED" | "TOKEN_KEYS_UNUSABLE" | "ACCESS_DENIED" | "REQUEST_INVALID" | "TOO_MANY_REQUESTS" | "API_UNREACHABLE" | "CLUSTER_SERVICE_UNREACHABLE" | "CLUSTER_SERVICE_UNFIT" | "LOG_ENTRY_UNKNOWN" | "HOOK_FAILED" | "HOOKS_UNREADABLE" | "IDENTITY_CHANGED" | "USER_UNKNOWN" | "USERNAME_RESERVED" | "TIMED_OUT" | "OVERDUE" | "STEP_UNDONE" | "EXTENSION_REFUSED" | "SHUTTING_DOWN" | "WORKSPACE_UNKNOWN" | "WORKSPACE_IN_USE" | "WORKSPACE_EXISTS" | "BACKUP_INVALID" | "BACKUP_UNWRITABLE" | "SUBNET_TAKEN" | "RESTORE_UNFINISHED" | "REMOVAL_INCOMPLETE" | "NOT_CONFIRMED" | "INTERRUPTED" | "UNEXPECTED";
            readonly id: string;
            readonly message: string;
            /** Format: date-time */
            readonly retry_at: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly list: {
        readonly parameters: {
            readonly query?: {
                readonly lab?: string;
                readonly state?: "running" | "suspended" | "stopped" | "incomplete" | "absent" | "unknown" | "creating" | "starting" | "resuming" | "connecting" | "suspending" | "stopping" | "removing" | "resetting" | "failed";
                readonly user?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ClusterList"];
                };
            };
            /** @description Too much: requests of one caller that are open; or requests of one caller, or without a valid token from one address, within a minute: then `Retry-After` says when that ends, s. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A refusal or a failure (RFC 9457). */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly status: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Of which lab, "k3s". */
                readonly lab: string;
                /** @description Whose it is, "alice". */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cluster"];
                };
            };
            /** @description Too much: requests of one caller that are open; or requests of one caller, or without a valid token from one address, within a minute: then `Retry-After` says when that ends, s. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A refusal or a failure (RFC 9457). */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly ensure: {
        readonly parameters: {
            readonly query?: {
                /** @description How long to wait until it is so: "0s", "30s", "5m"; an hour at most. */
                readonly wait?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description Of which lab, "k3s". */
                readonly lab: string;
                /** @description Whose it is, "alice". */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is of use; or events. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cluster"];
                    readonly "text/event-stream": string;
                };
            };
            /** @description It is ordered, and not so yet. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cluster"];
                };
            };
            /** @description Too much: requests of one caller that are open; or requests of one caller, or without a valid token from one address, within a minute: then `Retry-After` says when that ends, s. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A refusal or a failure (RFC 9457). */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly remove: {
        readonly parameters: {
            readonly query?: {
                /** @description How long to wait until it is so: "0s", "30s", "5m"; an hour at most. */
                readonly wait?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description Of which lab, "k3s". */
                readonly lab: string;
                /** @description Whose it is, "alice". */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is so. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cluster"];
                };
            };
            /** @description It is ordered, and not so yet. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cluster"];
                };
            };
            /** @description Too much: requests of one caller that are open; or requests of one caller, or without a valid token from one address, within a minute: then `Retry-After` says when that ends, s. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A refusal or a failure (RFC 9457). */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly events: {
        readonly parameters: {
            readonly query?: {
                /** @description Only events that were kept after the one with this id. */
                readonly after?: string;
                readonly follow?: "true" | "false";
                readonly kind?: "session_began" | "session_ended" | "step_done" | "step_failed" | "found" | "commanded" | "memory_pressure" | "hook" | "deletion_ahead";
                /** @description Of what has happened already only so many, the last ones; 100 where it does not say. */
                readonly limit?: string;
                readonly since?: string;
                readonly until?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description Of which lab, "k3s". */
                readonly lab: string;
                /** @description Whose it is, "alice". */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Events. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": string;
                };
            };
            /** @description Too much: requests of one caller that are open; or requests of one caller, or without a valid token from one address, within a minute: then `Retry-After` says when that ends, s. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A refusal or a failure (RFC 9457). */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly extend: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Of which lab, "k3s". */
                readonly lab: string;
                /** @description Whose it is, "alice". */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description By how much: "30m". */
                    readonly for: string;
                };
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Extension"];
                };
            };
            /** @description Too much: requests of one caller that are open; or requests of one caller, or without a valid token from one address, within a minute: then `Retry-After` says when that ends, s. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A refusal or a failure (RFC 9457). */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly kubeconfig: {
        readonly parameters: {
            readonly query?: {
                readonly for?: "container" | "outside";
            };
            readonly header?: never;
            readonly path: {
                /** @description Of which lab, "k3s". */
                readonly lab: string;
                /** @description Whose it is, "alice". */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description YAML. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/yaml": string;
                };
            };
            /** @description Too much: requests of one caller that are open; or requests of one caller, or without a valid token from one address, within a minute: then `Retry-After` says when that ends, s. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A refusal or a failure (RFC 9457). */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly logs: {
        readonly parameters: {
            readonly query?: {
                /** @description Of each node, the last ones; 200 where it does not say. */
                readonly lines?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description Of which lab, "k3s". */
                readonly lab: string;
                /** @description Whose it is, "alice". */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Secrets are masked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ClusterLogs"];
                    readonly "text/plain": string;
                };
            };
            /** @description Too much: requests of one caller that are open; or requests of one caller, or without a valid token from one address, within a minute: then `Retry-After` says when that ends, s. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A refusal or a failure (RFC 9457). */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly startNode: {
        readonly parameters: {
            readonly query?: {
                /** @description How long to wait until it is so: "0s", "30s", "5m"; an hour at most. */
                readonly wait?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description Of which lab, "k3s". */
                readonly lab: string;
                /** @description An agent, "agent-0". */
                readonly node: string;
                /** @description Whose it is, "alice". */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is so. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cluster"];
                };
            };
            /** @description It is ordered, and not so yet. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cluster"];
                };
            };
            /** @description Too much: requests of one caller that are open; or requests of one caller, or without a valid token from one address, within a minute: then `Retry-After` says when that ends, s. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A refusal or a failure (RFC 9457). */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly stopNode: {
        readonly parameters: {
            readonly query?: {
                /** @description How long to wait until it is so: "0s", "30s", "5m"; an hour at most. */
                readonly wait?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description Of which lab, "k3s". */
                readonly lab: string;
                /** @description An agent, "agent-0". */
                readonly node: string;
                /** @description Whose it is, "alice". */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is so. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cluster"];
                };
            };
            /** @description It is ordered, and not so yet. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cluster"];
                };
            };
            /** @description Too much: requests of one caller that are open; or requests of one caller, or without a valid token from one address, within a minute: then `Retry-After` says when that ends, s. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A refusal or a failure (RFC 9457). */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly reset: {
        readonly parameters: {
            readonly query?: {
                /** @description How long to wait until it is so: "0s", "30s", "5m"; an hour at most. */
                readonly wait?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description Of which lab, "k3s". */
                readonly lab: string;
                /** @description Whose it is, "alice". */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is so. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cluster"];
                };
            };
            /** @description It is ordered, and not so yet. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cluster"];
                };
            };
            /** @description Too much: requests of one caller that are open; or requests of one caller, or without a valid token from one address, within a minute: then `Retry-After` says when that ends, s. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A refusal or a failure (RFC 9457). */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly stop: {
        readonly parameters: {
            readonly query?: {
                /** @description How long to wait until it is so: "0s", "30s", "5m"; an hour at most. */
                readonly wait?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description Of which lab, "k3s". */
                readonly lab: string;
                /** @description Whose it is, "alice". */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is so. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cluster"];
                };
            };
            /** @description It is ordered, and not so yet. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cluster"];
                };
            };
            /** @description Too much: requests of one caller that are open; or requests of one caller, or without a valid token from one address, within a minute: then `Retry-After` says when that ends, s. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A refusal or a failure (RFC 9457). */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly suspend: {
        readonly parameters: {
            readonly query?: {
                /** @description How long to wait until it is so: "0s", "30s", "5m"; an hour at most. */
                readonly wait?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description Of which lab, "k3s". */
                readonly lab: string;
                /** @description Whose it is, "alice". */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is so. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cluster"];
                };
            };
            /** @description It is ordered, and not so yet. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cluster"];
                };
            };
            /** @description Too much: requests of one caller that are open; or requests of one caller, or without a valid token from one address, within a minute: then `Retry-After` says when that ends, s. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A refusal or a failure (RFC 9457). */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly jwks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly keys: readonly {
                            readonly [key: string]: unknown;
                        }[];
                    };
                };
            };
        };
    };
    readonly openapi: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly [key: string]: unknown;
                    };
                };
            };
        };
    };
}
