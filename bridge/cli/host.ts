/** What the command line needs from the process it runs in; `main.ts` implements it. Types only. */
import type {
  BatchStatusObject,
  NativePreset,
  Settings,
  SettingsAnswer,
  SettingsChange,
  SettingsPatch,
} from '../contract/index.ts';
import type { TextStream } from './terminal.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type ServeFlags = {
  port?: number;
  host?: string;
  dataDir?: string;
  config?: string;
  logLevel?: string;
};

/** `logs` has the daemon's log, `bridge.log`. */
export type Folders = { data: string; logs: string };

/** All settings of a daemon started here with these flags, or every reason why it would refuse. */
export type SettingsReport = {
  /** Null: there is no settings file. */
  file: string | null;
  warnings: readonly string[];
} & (
  | {
      ok: true;
      settings: Readonly<Settings>;
      folders: Folders;
      /** Keys such as `server.port` that a flag or the environment sets, not the file. */
      notFromFile: readonly string[];
    }
  | { ok: false; problems: readonly { message: string; remedy: string }[] }
);

/** Settings while no daemon runs. Both throw BridgeError; what is wrong with the values is its `problems`. */
export type SettingsFile = {
  view(): SettingsAnswer;
  change(patch: SettingsPatch): Promise<SettingsChange>;
};

/** Who uses a data folder. Looking changes nothing. */
export type DataFolderUse = {
  lock: 'absent' | 'free' | 'held';
  /** Process id that the holder left in the lock, or the last one did. */
  lockPid: number | null;
  /** Content of `runtime.json`; null when it is not there or no such note. */
  note: { pid: number; port: number; url: string; version: string; started_at: string } | null;
  isNotePidAlive: boolean;
};

/** What a preset file asks for and what would come of it. */
export type PresetCheck = {
  path: string;
  kind: string;
  /** Null when it cannot be used; `problem` says why. */
  name: string | null;
  /** In native form, as a request takes it. */
  preset: NativePreset | null;
  problem: string | null;
  /** Settings that stand away from neutral, by their names in the file. */
  settings: readonly { setting: string; control: string; honoured: boolean }[];
  /** What the file asks for beyond all settings we know, in words. */
  unsupported: readonly string[];
  notes: readonly string[];
};

/** `photo-bridge listings run`. Paths absolute; `poster`: an http(s) address or the path of a module. */
export type ListingsRequest = {
  file: string;
  mode: 'new' | 'all';
  poster: string;
  posterFormat?: 'json' | 'multipart';
  imagesDir: string;
  saveEvery?: string;
  concurrent?: number;
  sheet?: string;
  dryRun?: boolean;
  dataDir?: string;
  signal: AbortSignal;
  onProgress: (percent: number, message: string) => void;
  /** Why it waits; null: it goes on. */
  onHold: (reason: string | null) => void;
};
export type ListingsAnswer = {
  success: boolean;
  total_records: number;
  successful_posts: number;
  failed_posts: number;
  skipped_records: number;
  results: readonly { record_id: string; success: boolean; message: string }[];
  message: string;
};

export type User = {
  /** On Windows with its domain. */
  name: string;
  /** Null where users have no number. */
  uid: number | null;
  home: string;
};

/** A caption and what became of it. */
export type PublishedCaption = {
  image_id: string;
  post_id: string;
  status: 'published' | 'unchanged' | 'planned' | 'rolled_back' | 'failed' | 'stopped';
  error: { code: string; message: string; retryable: boolean } | null;
};
export type CaptionReport = {
  processed: number;
  successful: number;
  failed: number;
  verified: number;
  /** Posts put back. */
  rollbacks: number;
  errors: readonly string[];
  results: readonly PublishedCaption[];
  /** Why nothing was done, when that was by intent. */
  reason?: string;
};
export type CaptionRequest = {
  /** `file`: absolute. */
  input: { file: string } | { bytes: Uint8Array };
  /** Where the run is kept until it has ended. */
  dataDir: string;
  /** Settings file, when one is named. */
  config?: string;
  limit?: number;
  /** What is not said here the environment says. */
  settings: {
    batchSize?: number;
    maxConcurrent?: number;
    verifyDelayMs?: number;
    rollback?: boolean;
    dryRun?: boolean;
  };
  /** A detailed log goes to stderr. */
  verbose: boolean;
  /** Posts in hand finish. */
  signal: AbortSignal;
  onProgress(batch: BatchStatusObject): void;
  onResult(caption: PublishedCaption): void;
};

export type CliHost = {
  platform: NodeJS.Platform;
  user: User;
  env: Environment;
  cwd: string;
  stdout: TextStream;
  stderr: TextStream;
  stdin: { isTTY: boolean; read(): Promise<Uint8Array> };
  /** Version of this package. */
  version: string;
  /** How to start this program again: Node and the file it runs. */
  self: { node: string; entry: string };
  /** Root of the installed package. */
  root: string;
  /** Runs the daemon until it is stopped; answers its exit code. `json`: its words are documents. */
  serve(flags: ServeFlags, options: { json: boolean }): Promise<number>;
  /** Folders a daemon started here with these flags would use; null when that cannot be told. */
  folders(flags: ServeFlags): Promise<Folders | null>;
  settings(flags: ServeFlags): Promise<SettingsReport>;
  /** The file that a daemon started here with these flags would read, whether it is there or not. */
  settingsFile(flags: ServeFlags): Promise<SettingsFile>;
  /** Rejects when the lock cannot be looked at. */
  dataFolderUse(dataDir: string): Promise<DataFolderUse>;
  /** The preset files at or below a path, without a daemon. Rejects when the path cannot be read. */
  checkPresets(path: string): Promise<PresetCheck[]>;
  /** From this process, without a daemon. Rejects when the captions or the connection cannot be used at all. */
  publishCaptions(request: CaptionRequest): Promise<CaptionReport>;
  /** Posts the rows of an inventory, in this process. Rejects when it cannot begin. */
  runListings(request: ListingsRequest): Promise<ListingsAnswer>;
  /** While a listener is there, Ctrl-C calls it instead of ending the process. Answers how to remove it. */
  onInterrupt(listener: () => void): () => void;
};
