/** The part of `sax` (no types of its own) that `parse-xml.ts` uses. */
declare module 'sax' {
  export type QualifiedName = { local: string; uri: string };
  export type SaxAttribute = QualifiedName & { prefix: string; value: string };
  export type SaxTag = QualifiedName & { attributes: Record<string, SaxAttribute> };
  export type SaxParser = {
    /** Counted from 0. */
    readonly line: number;
    /** Attributes of the tag that is being read. */
    readonly attribList: readonly unknown[];
    onerror: (error: Error) => void;
    onopentag: (tag: SaxTag) => void;
    onclosetag: () => void;
    ontext: (text: string) => void;
    oncdata: (text: string) => void;
    ondoctype: () => void;
    onsgmldeclaration: () => void;
    write(text: string): SaxParser;
    close(): void;
  };
  const sax: {
    MAX_BUFFER_LENGTH: number;
    parser(strict: true, options: { xmlns: true; position: true; strictEntities: true }): SaxParser;
  };

  // biome-ignore lint/style/noDefaultExport: the package has no other.
  export default sax;
}
