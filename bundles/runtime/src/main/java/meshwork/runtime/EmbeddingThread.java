package meshwork.runtime;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import meshwork.api.engine.Batch;
import meshwork.api.engine.Pooling;
import meshwork.api.engine.Session;
import meshwork.api.inference.InferenceException;
import meshwork.api.inference.InferenceException.GenerationFailed;
import meshwork.api.inference.InferenceException.ModelNotReady;
import meshwork.api.inference.InferenceException.Overloaded;

/**
 * Makes vectors on a session that pools in one way, on a thread of its own that alone uses the session. A step takes as many whole
 * inputs as have room in a batch, of as many requests.
 */
final class EmbeddingThread {

	private static final Duration RETRY = Duration.ofSeconds(1);

	/** A request: its inputs, and the vectors of those that are done. */
	private static final class Job {
		final CompletableFuture<List<float[][]>> done = new CompletableFuture<>();
		final String caller;
		final List<int[]> inputs;
		final List<float[][]> vectors = new ArrayList<>();
		int taken;

		Job(String caller, List<int[]> inputs) {
			this.caller = caller;
			this.inputs = inputs;
		}
	}

	/** An input of a step, which is a sequence there. */
	private record Input(Job job, int[] tokens) {
	}

	private final String model;
	private final Session session;
	private final Batch batch;
	private final boolean eachToken;
	private final int queue;
	private final Consumer<Throwable> broken;
	private final Thread thread;
	private final FairQueue<Job> waiting = new FairQueue<>();
	private int unfinished;
	private boolean draining;
	private Optional<InferenceException> stopped = Optional.empty();

	/**
	 * @param session that embeds; closed at the end
	 * @param queue how many requests may wait
	 * @param broken told, at the end of the thread, of what ended it
	 */
	EmbeddingThread(String model, Session session, int queue, Consumer<Throwable> broken) {
		this.model = model;
		this.session = session;
		this.batch = session.batch();
		this.eachToken = session.options().pooling().equals(Optional.of(Pooling.NONE));
		this.queue = queue;
		this.broken = broken;
		thread = Thread.ofPlatform().daemon().name("embed " + model).start(this::run);
	}

	/**
	 * Takes inputs in; the future gives the vectors of each, {@code [1][n]}, or {@code [n_tokens][n]} where nothing is pooled.
	 *
	 * @param inputs of at most as many tokens as a sequence can have, and of more than a batch takes only if they can be read in pieces
	 * @throws Overloaded when too many wait
	 */
	synchronized CompletableFuture<List<float[][]>> submit(String caller, List<int[]> inputs) {
		if (draining || stopped.isPresent())
			throw stopped.orElseGet(() -> new ModelNotReady("the model '%s' is being unloaded".formatted(model)));
		if (unfinished > queue)
			throw new Overloaded("%d requests wait for vectors of the model '%s' already: try again later".formatted(queue, model), RETRY);
		var job = new Job(caller, inputs);
		unfinished++;
		waiting.add(caller, job);
		notifyAll();
		return job.done;
	}

	/** Takes nothing more in, and ends when all that was taken in is done. */
	synchronized void drain() {
		draining = true;
		notifyAll();
	}

	/** Ends at once; requests that are not done fail with the reason. */
	void stop(InferenceException reason) {
		synchronized (this) {
			stopped = stopped.or(() -> Optional.of(reason));
			notifyAll();
		}
		session.interrupt();
	}

	/** Waits for the end; true if it came in time. */
	boolean join(Duration time) throws InterruptedException {
		return thread.join(time);
	}

	private void run() {
		Optional<Throwable> cause = Optional.empty();
		List<Input> step = List.of();
		try {
			for (step = next(); !step.isEmpty(); step = next()) {
				compute(step);
				finish(step);
			}
		} catch (Throwable e) {
			if (!isStopped())
				cause = Optional.of(e);
		}
		end(step, cause);
		cause.ifPresent(broken);
	}

	private synchronized boolean isStopped() {
		return stopped.isPresent();
	}

	/** What fits into a step; blocks until there is something, and is empty at the end. */
	private synchronized List<Input> next() throws InterruptedException {
		while (waiting.isEmpty() && !draining && stopped.isEmpty())
			wait();
		var step = new ArrayList<Input>();
		int left = batch.capacity();
		while (!waiting.isEmpty() && stopped.isEmpty() && step.size() < session.options().sequences()) {
			Job job = waiting.take();
			if (job.done.isDone()) {
				unfinished--;
				continue;
			}
			int[] tokens = job.inputs.get(job.taken);
			if (tokens.length > left && !step.isEmpty()) {
				waiting.putBack(job.caller, job);
				break;
			}
			left -= tokens.length;
			step.add(new Input(job, tokens));
			if (++job.taken < job.inputs.size())
				waiting.putBack(job.caller, job);
		}
		return step;
	}

	private void compute(List<Input> step) {
		session.memory().clear();
		Input first = step.getFirst();
		if (first.tokens.length > batch.capacity()) {
			pieces(first);
			return;
		}
		batch.clear();
		for (int sequence = 0; sequence < step.size(); sequence++)
			put(step.get(sequence).tokens, 0, step.get(sequence).tokens.length, sequence);
		session.decode();
		int row = 0;
		for (int sequence = 0; sequence < step.size(); sequence++) {
			Input input = step.get(sequence);
			input.job.vectors.add(eachToken ? rows(row, input.tokens.length) : pooled(sequence));
			row += input.tokens.length;
		}
	}

	private void pieces(Input input) {
		int size = batch.capacity();
		for (int from = 0; from < input.tokens.length && !input.job.done.isDone(); from += size) {
			batch.clear();
			put(input.tokens, from, Math.min(from + size, input.tokens.length), 0);
			session.decode();
		}
		input.job.vectors.add(pooled(0));
	}

	private void put(int[] tokens, int from, int to, int sequence) {
		for (int i = from; i < to; i++)
			batch.add(tokens[i], i, sequence);
	}

	private float[][] pooled(int sequence) {
		return new float[][] {session.embedding(sequence).toArray(JAVA_FLOAT)};
	}

	private float[][] rows(int first, int count) {
		var rows = new float[count][];
		for (int i = 0; i < count; i++)
			rows[i] = session.hidden(first + i).toArray(JAVA_FLOAT);
		return rows;
	}

	private void finish(List<Input> step) {
		for (Input input : step)
			if (input.job.vectors.size() == input.job.inputs.size()) {
				synchronized (this) {
					unfinished--;
				}
				input.job.done.complete(List.copyOf(input.job.vectors));
			}
	}

	private void end(List<Input> step, Optional<Throwable> cause) {
		var left = new ArrayList<Job>();
		InferenceException reason;
		synchronized (this) {
			draining = true;
			cause.ifPresent(e -> stopped = Optional.of(new GenerationFailed("the engine of the model '%s' failed: %s".formatted(model, e.getMessage()), e)));
			reason = stopped.orElseGet(() -> new ModelNotReady("the model '%s' was unloaded".formatted(model)));
			while (!waiting.isEmpty())
				left.add(waiting.take());
		}
		step.forEach(input -> left.add(input.job));
		left.forEach(job -> job.done.completeExceptionally(reason));
		session.close();
	}
}
