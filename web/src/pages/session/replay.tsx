/** What a terminal showed, played again. The moment is the page's: it is told when the person moves it, and moves it here. */
import { Download } from "lucide-react";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { create, type Player } from "asciinema-player";
import "asciinema-player/dist/bundle/asciinema-player.css";
import { pathOf } from "../../api/client.ts";
import { problemOf } from "../../api/problem.ts";
import { useKeys } from "../../app/keys.tsx";
import { Empty, Loading, ProblemNote } from "../../parts/state.tsx";
import { formatBytes, formatDuration } from "../../parts/time.tsx";
import { loadCast, playingOf, type Cast } from "./cast.ts";
import { OutputText } from "./output-text.tsx";
import style from "./replay.module.css";

interface ReplayProps {
  readonly session: string;
  readonly channel: number | undefined;
  /** Where to be, in microseconds since the recording's start. */
  readonly atUs: number | undefined;
  readonly keepPauses: boolean;
  /** The moment that is shown now. `settled`: the person stopped there. */
  readonly onMoment: (atUs: number, settled: boolean) => void;
}

type Loaded = { readonly cast: Cast | undefined } | { readonly thrown: unknown } | { readonly characters: number };

export default function Replay(props: ReplayProps): ReactNode {
  const { session, channel } = props;
  const [loaded, setLoaded] = useState<Loaded>({ characters: 0 });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const leave = new AbortController();
    setLoaded({ characters: 0 });
    loadCast(session, channel, leave.signal, (characters) => setLoaded({ characters })).then(
      (cast) => leave.signal.aborted || setLoaded({ cast }),
      (thrown: unknown) => leave.signal.aborted || setLoaded({ thrown }),
    );
    return () => leave.abort();
  }, [session, channel, attempt]);
  if ("thrown" in loaded) return <ProblemNote problem={problemOf(loaded.thrown)} onRetry={() => setAttempt((count) => count + 1)} />;
  if ("characters" in loaded) {
    return (
      <>
        <Loading lines={6} what="Loading the recording" />
        {loaded.characters > 500_000 && <p className={style["note"]}>{formatBytes(loaded.characters)} so far</p>}
      </>
    );
  }
  const { cast } = loaded;
  if (!cast) return <Empty title="Nothing was shown here">There was no output, or what passed is recorded by its hash only.</Empty>;
  return (
    <>
      {cast.terminal ? <Terminal {...props} cast={cast} /> : <OutputText cast={cast} atUs={props.atUs} onMoment={props.onMoment} />}
      <p className={style["note"]}>
        {cast.cutShort && (
          <strong role="status">
            This recording is large: here it goes up to {formatDuration((cast.endUs - cast.beginUs) / 1_000)}. The rest is in the file.{" "}
          </strong>
        )}
        <a href={pathOf("sessions.asciicast", { params: { id: session }, query: { channel: cast.channel } })} download={`${session}.cast`}>
          <Download size={14} aria-hidden="true" /> Download as asciicast
        </a>{" "}
        {cast.terminal && (
          <span className={style["keys"]}>
            <kbd>p</kbd> plays and pauses, <kbd>j</kbd> <kbd>k</kbd> walk the timeline
          </span>
        )}
      </p>
    </>
  );
}

const LOOK_MS = 200;

function Terminal({ cast, atUs, keepPauses, onMoment }: ReplayProps & { readonly cast: Cast }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const player = useRef<Player>(undefined);
  /** What the address was told last: hearing it back moves nothing. */
  const told = useRef<number>(undefined);
  const tell = useRef(onMoment);
  useEffect(() => {
    tell.current = onMoment;
  });
  const playing = useMemo(() => playingOf(cast, keepPauses), [cast, keepPauses]);
  const start = useRef(atUs);
  const isPlaying = useRef(false);

  useEffect(() => {
    if (!place.current) return undefined;
    const events = cast.events.map(
      ({ atUs: at, code, data }) => [playing.toSeconds(at) * 1_000, code, data] as [number, "o" | "r", string],
    );
    // In milliseconds: so the player takes what a parser of somebody else's gives it. The last moment is there without output too.
    events.push([playing.seconds * 1_000, "o", ""]);
    const made = create({ data: "-", parser: () => ({ cols: cast.cols, rows: cast.rows, events }) }, place.current, {
      preload: true,
      fit: "width",
      controls: true,
      theme: "sallyport",
      terminalFontFamily: "var(--mono)",
    });
    player.current = made;
    // Nowhere chosen: what it came to.
    void made.seek(start.current === undefined ? playing.seconds : playing.toSeconds(start.current));
    const now = (): number => playing.toUs(made.getCurrentTime());
    let shown = -1;
    const timer = setInterval(() => {
      const at = now();
      if (at !== shown) tell.current(at, false);
      shown = at;
    }, LOOK_MS);
    made.addEventListener("playing", () => {
      isPlaying.current = true;
    });
    made.addEventListener("ended", () => {
      isPlaying.current = false;
    });
    made.addEventListener("pause", () => {
      isPlaying.current = false;
      told.current = now();
      tell.current(told.current, true);
    });
    return () => {
      clearInterval(timer);
      start.current = now();
      player.current = undefined;
      made.dispose();
    };
  }, [cast, playing]);

  useEffect(() => {
    if (atUs === undefined || atUs === told.current) return;
    told.current = atUs;
    start.current = atUs;
    void player.current?.seek(playing.toSeconds(atUs));
  }, [atUs, playing]);

  const turn = (): void => {
    const made = player.current;
    void (isPlaying.current ? made?.pause() : made?.play());
  };
  useKeys([{ key: "p", does: "plays, and pauses", act: turn }]);

  return <div ref={place} className={style["player"]} data-testid="replay" />;
}
