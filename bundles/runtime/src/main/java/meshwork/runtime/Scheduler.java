package meshwork.runtime;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

import meshwork.api.engine.Batch;
import meshwork.api.engine.DecodeInterrupted;
import meshwork.api.engine.ModelDescription.Rollback;
import meshwork.api.engine.NoRoom;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SamplerOptions.Stage;
import meshwork.api.engine.StageRejected;
import meshwork.api.engine.SequenceMemory;
import meshwork.api.engine.Session;
import meshwork.api.engine.TokenLikelihood;
import meshwork.api.engine.Vocabulary;
import meshwork.api.inference.Activity;
import meshwork.api.inference.Activity.Memory;
import meshwork.api.inference.Activity.Running;
import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.InferenceException;
import meshwork.api.inference.InferenceException.GenerationFailed;
import meshwork.api.inference.InferenceException.InvalidRequest;
import meshwork.api.inference.InferenceException.ModelNotReady;
import meshwork.api.inference.InferenceException.Overloaded;

/**
 * Decodes the requests for one model together, on a thread of its own that alone uses the session. A step is one batch: the next
 * token of every running choice, and of the prompts that are being read as much as does not hold the others up. Requests come and
 * go between steps.
 */
final class Scheduler {

	/** What is left of a step's room when the request that waits longest had its share goes to those who are done soonest. */
	private static final int SHARE_OF_THE_OLDEST = 4;

	private static final Comparator<Choice> SHORTEST = Comparator.comparingInt(Choice::owed);

	private final String model;
	private final Session session;
	private final Batch batch;
	private final SequenceMemory memory;
	private final Vocabulary vocabulary;
	private final boolean rollback;
	private final int context;
	private final int queue;
	private final int places;
	private final boolean shared;
	private final Sequences sequences;
	private final Consumer<Throwable> broken;
	private final Thread thread;

	private final AtomicInteger unfinished = new AtomicInteger();
	private final LinkedBlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
	private volatile double typical_s = 1;
	private boolean closed;

	private final List<Stream> streams = new ArrayList<>();
	private final FairQueue<Choice> waiting = new FairQueue<>();
	private final List<Choice> running = new ArrayList<>();
	private final AtomicReferenceArray<Choice> seats;
	private final Instant since = Instant.now();
	private volatile Tally tally = new Tally();
	private final int[] free;
	private int freePlaces;
	private boolean draining;
	private Optional<GenerationFailed> stopping = Optional.empty();
	private boolean crowded;
	private final StepCost cost = new StepCost();
	private final List<Choice> reading = new ArrayList<>();
	private int room;
	private int decodeRows;

	private final Object stepping = new Object();
	private boolean decoding;

	/**
	 * @param context tokens that one sequence can have
	 * @param places how many sequences are decoded at once; the session has more, to keep what was decoded
	 * @param queue how many requests may wait for a place
	 * @param shared whether callers may use what is known of each other's prompts, and can learn from the time it takes what others ask
	 * @param saved what is kept of sequences outside the engine
	 * @param broken told, at the end of the thread, of what ended it
	 */
	Scheduler(String model, Session session, Vocabulary vocabulary, Rollback rollback, int context, int places, int queue, boolean shared,
			SavedPrefixes saved, Consumer<Throwable> broken) {
		this.model = model;
		this.session = session;
		this.batch = session.batch();
		this.memory = session.memory();
		this.vocabulary = vocabulary;
		this.rollback = rollback == Rollback.ANY;
		this.context = context;
		this.queue = queue;
		this.broken = broken;
		this.places = places;
		this.shared = shared;
		sequences = new Sequences(memory, this.rollback, session.options().sequences(), session.options().context() / places, saved);
		seats = new AtomicReferenceArray<>(places);
		free = new int[places];
		for (int place = places - 1; place >= 0; place--)
			free[freePlaces++] = place;
		room = session.options().microBatch();
		thread = Thread.ofPlatform().daemon().name("decode " + model).unstarted(this::run);
	}

	void start() {
		thread.start();
	}

	/** Forgets what was done so far. */
	void countAnew() {
		tell(() -> tally = new Tally());
	}

	/**
	 * Takes a request in; blocks for a step, until it is known that it can be done.
	 *
	 * @throws Overloaded when too many wait
	 * @throws InvalidRequest when the engine can't sample as asked
	 * @throws ModelNotReady when it takes nothing more in
	 */
	void submit(Stream stream) {
		if (unfinished.incrementAndGet() > places + queue) {
			unfinished.decrementAndGet();
			throw new Overloaded("%d requests wait for the model '%s' already: try again later".formatted(queue, model),
					Duration.ofSeconds(Math.clamp(Math.round(typical_s), 1, 60)));
		}
		if (!tell(() -> join(stream)))
			refuse(stream, notReady());
		stream.awaitAccepted();
	}

	/** Gives up what is left of a request, from any thread; a step that is mostly for it is not waited for. */
	void cancel(Stream stream) {
		tell(() -> drop(stream));
		synchronized (stepping) {
			if (decoding && 2 * stream.choices().stream().mapToInt(choice -> choice.taken).sum() > batch.size())
				session.interrupt();
		}
	}

	/** Takes nothing more in, and ends when all that was taken in is done. */
	void drain() {
		tell(() -> draining = true);
	}

	/** Ends at once; requests that are not done fail with the reason. */
	void stop(GenerationFailed reason) {
		tell(() -> stopping = Optional.of(reason));
		synchronized (stepping) {
			if (decoding)
				session.interrupt();
		}
	}

	/** Waits for the end; true if it came in time. */
	boolean join(Duration time) throws InterruptedException {
		return thread.join(time);
	}

	/** Has the decoding thread do something between two steps; false when there is none any more. */
	private boolean tell(Runnable command) {
		synchronized (inbox) {
			return !closed && inbox.add(command);
		}
	}

	private void run() {
		Optional<Throwable> cause = Optional.empty();
		try {
			while (stopping.isEmpty() && !(draining && idle())) {
				receive();
				dropLate();
				seat();
				if (!running.isEmpty())
					step();
			}
		} catch (Throwable e) {
			cause = Optional.of(e);
			stopping = Optional.of(failure(e));
		}
		try {
			end(cause.isEmpty());
		} finally {
			cause.ifPresent(broken);
		}
	}

	/** @param whole whether the session can still be used */
	private void end(boolean whole) {
		synchronized (inbox) {
			closed = true;
		}
		draining = true;
		var left = List.copyOf(streams);
		streams.clear();
		stopping.ifPresent(reason -> left.forEach(stream -> stream.fail(reason)));
		inbox.forEach(Runnable::run);
		left.forEach(stream -> stream.choices().forEach(choice -> choice.sampler().close()));
		if (whole) {
			left.forEach(stream -> stream.choices().forEach(this::leave));
			sequences.close();
		} else {
			sequences.abandon();
		}
	}

	private boolean idle() {
		return streams.isEmpty();
	}

	private void receive() throws InterruptedException {
		if (idle())
			inbox.take().run();
		for (Runnable command = inbox.poll(); command != null; command = inbox.poll())
			command.run();
	}

	private void join(Stream stream) {
		if (draining) {
			refuse(stream, notReady());
			return;
		}
		var choices = new ArrayList<Choice>();
		try {
			for (int i = 0; i < stream.request().choices(); i++)
				choices.add(choice(stream, i));
		} catch (IllegalArgumentException e) {
			choices.forEach(choice -> choice.sampler().close());
			refuse(stream, new InvalidRequest(e instanceof StageRejected rejected ? parameter(rejected.stage()) : "sampling", e.getMessage(), e));
			return;
		} catch (RuntimeException e) {
			refuse(stream, failure(e));
			throw e;
		}
		streams.add(stream);
		choices.forEach(choice -> waiting.add(stream.request().caller(), choice));
		stream.accept(choices);
	}

	/** What requests call the parameter that a stage is made of. */
	private static String parameter(Stage stage) {
		return switch (stage) {
			case Stage.Bias _ -> "logit_bias";
			case Stage.Penalties _ -> "repeat_penalty";
			case Stage.Dry _ -> "dry_multiplier";
			case Stage.TopNSigma _ -> "top_n_sigma";
			case Stage.TopK _ -> "top_k";
			case Stage.Typical _ -> "typical_p";
			case Stage.TopP _ -> "top_p";
			case Stage.MinP _ -> "min_p";
			case Stage.Xtc _ -> "xtc_probability";
			case Stage.Temperature _ -> "temperature";
			case Stage.Mirostat _ -> "mirostat";
			case Stage.Grammar _ -> "grammar";
		};
	}

	private Choice choice(Stream stream, int index) {
		var sampler = session.sampler(new SamplerOptions(stream.stages(), stream.request().sampling().seed() + index));
		for (int token : stream.prompt())
			sampler.accept(token);
		int most = Math.min(stream.request().maxTokens().orElse(Integer.MAX_VALUE), context - stream.prompt().length + 1);
		return new Choice(stream, index, sampler, vocabulary, most);
	}

	private void refuse(Stream stream, InferenceException reason) {
		unfinished.decrementAndGet();
		stream.refuse(reason);
	}

	private GenerationFailed failure(Throwable cause) {
		return new GenerationFailed("the engine of the model '%s' failed: %s".formatted(model, cause.getMessage()), cause);
	}

	private ModelNotReady notReady() {
		return new ModelNotReady("the model '%s' is being unloaded".formatted(model));
	}

	private void dropLate() {
		long now = System.nanoTime();
		for (int i = streams.size() - 1; i >= 0; i--) {
			Stream stream = streams.get(i);
			if (!stream.late(now))
				continue;
			stream.fail(new GenerationFailed("the request %s was not done within its %d ms".formatted(stream.request().id(),
					stream.request().deadline().orElseThrow().toMillis())));
			drop(stream);
		}
	}

	/** Gives up what is left of a request whose reader knows of it. */
	private void drop(Stream stream) {
		if (!streams.remove(stream))
			return;
		stream.count(tally);
		if (stream.failed())
			tally.failed++;
		else
			tally.cancelled++;
		stream.choices().forEach(this::release);
		unfinished.decrementAndGet();
	}

	private void seat() {
		while (freePlaces > 0 && !waiting.isEmpty() && (!crowded || running.isEmpty())) {
			Choice choice = waiting.take();
			choice.place = free[--freePlaces];
			choice.sequence = sequences.begin();
			choice.seated_ns = System.nanoTime();
			recall(choice);
			follow(choice);
			running.add(choice);
			seats.set(choice.place, choice);
		}
	}

	/** Begins with what is known of the choice's tokens. */
	private void recall(Choice choice) {
		if (!remembered(choice))
			return;
		int beside = 0;
		for (int i = 0; i < running.size(); i++)
			if (rollback && alike(choice, running.get(i)))
				beside = Math.max(beside, Math.min(choice.common(running.get(i)), running.get(i).computed));
		choice.computed = sequences.recall(scope(choice), choice.tokens(), choice.size() - 1, beside, choice.sequence);
	}

	/** Whether two may share what they begin with. */
	private boolean alike(Choice choice, Choice other) {
		return other != choice && (other.stream() == choice.stream()
				|| remembered(choice) && remembered(other) && scope(choice).equals(scope(other)));
	}

	private static boolean remembered(Choice choice) {
		return choice.stream().request().remembered();
	}

	private String scope(Choice choice) {
		return shared ? "" : choice.stream().request().caller();
	}

	private void forget(Choice choice) {
		memory.remove(choice.sequence, 0, -1);
		choice.computed = 0;
	}

	/** Looks for a choice that reads, or has read, more of the same. */
	private void follow(Choice choice) {
		choice.leader = Optional.empty();
		choice.goal = choice.computed;
		for (int i = 0; i < running.size(); i++) {
			Choice other = running.get(i);
			if (other == choice)
				break;
			if (!alike(choice, other))
				continue;
			int common = Math.min(choice.common(other), choice.size() - 1);
			// where a model can't go back, only the end of a prompt is passed on, before the choices go apart
			if (!rollback && (common != other.shared() || other.computed > common))
				continue;
			int gain = other.stream() == choice.stream() ? 1 : Prefix.LEAST;
			if (common > choice.goal && common >= choice.computed + gain) {
				choice.leader = Optional.of(other);
				choice.goal = common;
			}
		}
	}

	/** Gives the place back; what the sequence holds may be of use to others. */
	private void leave(Choice choice) {
		if (choice.place == Choice.UNSEATED)
			return;
		running.remove(choice);
		seats.set(choice.place, null);
		free[freePlaces++] = choice.place;
		choice.place = Choice.UNSEATED;
		if (remembered(choice))
			sequences.end(scope(choice), choice.tokens(), choice.computed, choice.sequence);
		else
			sequences.free(choice.sequence);
		choice.computed = 0;
		for (int i = 0; i < running.size(); i++)
			if (running.get(i).leader.equals(Optional.of(choice))) {
				forget(running.get(i));
				recall(running.get(i));
				follow(running.get(i));
			}
	}

	private void release(Choice choice) {
		if (choice.place == Choice.UNSEATED)
			waiting.remove(choice.stream().request().caller(), choice);
		else
			leave(choice);
		choice.sampler().close();
		crowded = false;
	}

	private void step() {
		fill();
		long begin = System.nanoTime();
		try {
			decode();
		} catch (NoRoom e) {
			makeRoom(e);
			return;
		} catch (DecodeInterrupted _) {
			running.forEach(this::takeBack);
			return;
		}
		room = Math.min(session.options().microBatch(), 2 * room);
		sequences.passedOver(decodeRows);
		cost.measured(decodeRows, batch.size() - decodeRows, System.nanoTime() - begin);
		tally.steps++;
		for (int i = running.size() - 1; i >= 0; i--)
			collect(running.get(i));
	}

	/** What every running choice owes: a token each, and of the prompts as much as there is room for. */
	private void fill() {
		batch.clear();
		reading.clear();
		for (int i = 0; i < running.size(); i++) {
			Choice choice = running.get(i);
			choice.taken = 0;
			if (waits(choice))
				continue;
			if (choice.owed() > 1)
				reading.add(choice);
			else
				put(choice, 1);
		}
		decodeRows = batch.size();
		if (!reading.isEmpty())
			read(Math.min(room, session.options().microBatch() - decodeRows));
	}

	/** Some goes to the prompt that waits longest, the rest to those that are read soonest: few wait for the sake of many. */
	private void read(int most) {
		int left = Math.min(most, decodeRows == 0 ? cost.longPiece() : cost.piece());
		Choice oldest = reading.removeFirst();
		reading.sort(SHORTEST);
		int share = reading.isEmpty() ? left : Math.max(1, left / SHARE_OF_THE_OLDEST);
		for (int i = 0; i < reading.size() && left > share; i++)
			left -= put(reading.get(i), Math.min(pieceOf(reading.get(i)), left - share));
		if (left > 0)
			put(oldest, Math.min(pieceOf(oldest), left));
	}

	/** Whether a choice is better off when another has read what both begin with; takes it over as soon as it is there. */
	private boolean waits(Choice choice) {
		if (choice.leader.isEmpty())
			return false;
		Choice leader = choice.leader.get();
		if (leader.computed < choice.goal)
			return true;
		memory.remove(choice.sequence, 0, -1);
		memory.copy(leader.sequence, choice.sequence, 0, choice.goal);
		choice.computed = choice.goal;
		choice.leader = Optional.empty();
		return false;
	}

	/** Where a model can't go back, there is a step that ends where the prompt can be passed on. */
	private int pieceOf(Choice choice) {
		return rollback || choice.computed >= choice.shared() ? choice.owed() : choice.shared() - choice.computed;
	}

	private int put(Choice choice, int rows) {
		if (choice.stream().start(Math.min(choice.computed, choice.shared()))) {
			tally.queued.add(System.nanoTime() - choice.stream().submitted());
			tally.cachedTokens += choice.stream().cachedTokens();
		}
		for (int i = 0; i < rows; i++) {
			int position = choice.computed + i;
			choice.row = batch.add(choice.token(position), position, choice.sequence);
		}
		choice.taken = rows;
		if (rows == choice.owed())
			batch.sample(choice.row, choice.sampler());
		return rows;
	}

	private void decode() {
		synchronized (stepping) {
			decoding = true;
		}
		try {
			session.decode();
		} finally {
			synchronized (stepping) {
				decoding = false;
			}
		}
	}

	/** What is kept gives way first, then the prompts; then the choice that came last gives its cells back and goes on when there is room. */
	private void makeRoom(NoRoom reason) {
		int prompts = batch.size() - decodeRows;
		if (sequences.giveWay()) {
			room = session.options().microBatch();
		} else if (prompts > 1) {
			room = prompts / 2;
		} else if (running.size() > 1) {
			Choice last = running.getLast();
			leave(last);
			while (sequences.giveWay())
				;
			waiting.putBack(last.stream().request().caller(), last);
			crowded = true;
		} else {
			Stream stream = running.getFirst().stream();
			stream.fail(new GenerationFailed(reason.getMessage(), reason));
			drop(stream);
		}
	}

	/** After a step that was not done, the memory is as it was before, or empty where the model can't go back. */
	private void takeBack(Choice choice) {
		if (choice.taken == 0 || memory.remove(choice.sequence, choice.computed, -1))
			return;
		forget(choice);
		recall(choice);
	}

	private void collect(Choice choice) {
		choice.computed += choice.taken;
		if (choice.taken == 0)
			return;
		tally.busyPlaces++;
		tally.promptTokens += Math.clamp(choice.stream().prompt().length - (choice.computed - choice.taken), 0, choice.taken);
		tally.longest = Math.max(tally.longest, choice.computed);
		if (!rollback && choice.computed == choice.shared() && remembered(choice))
			sequences.note(scope(choice), choice.tokens(), choice.computed, choice.sequence);
		if (choice.owed() > 0)
			return;
		count(choice);
		int token = batch.token(choice.row, 0);
		Optional<TokenLikelihood> likelihood = choice.stream().request().likelihoods()
				.map(top -> session.likelihood(choice.row, token, top));
		choice.take(token, likelihood).ifPresent(reason -> finish(choice, reason));
	}

	private void count(Choice choice) {
		long now = System.nanoTime();
		tally.generatedTokens++;
		if (choice.stream().picked(now))
			tally.firstToken.add(now - choice.stream().submitted());
		if (choice.picked_ns != 0)
			tally.nextToken.add(now - choice.picked_ns);
		choice.picked_ns = now;
	}

	/** What it does just now, for whoever asks. */
	Activity activity() {
		var busy = new ArrayList<Running>();
		int used = 0;
		long now = System.nanoTime();
		for (int place = 0; place < places; place++) {
			Choice choice = seats.get(place);
			if (choice == null)
				continue;
			int computed = choice.computed;
			int prompt = choice.stream().prompt().length;
			long age_ns = now - choice.seated_ns;
			busy.add(new Running(place, choice.stream().request().id(), choice.stream().request().caller(), prompt,
					choice.stream().cachedTokens(), Math.min(computed, prompt),
					choice.generated(), Duration.ofNanos(age_ns), choice.generated() / (age_ns / 1e9)));
			used += computed;
		}
		return new Activity(model, since, places, busy, Math.max(0, unfinished.get() - busy.size()), 
				new Memory(session.options().context(), used, sequences.keptCells(), sequences.keptCount(), sequences.savedBytes()), tally.done());
	}

	private void finish(Choice choice, FinishReason reason) {
		release(choice);
		Stream stream = choice.stream();
		if (!stream.finish(choice, reason))
			return;
		streams.remove(stream);
		unfinished.decrementAndGet();
		stream.count(tally);
		typical_s += (stream.age_s() - typical_s) / 8;
	}
}
