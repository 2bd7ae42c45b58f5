package meshwork.engine.plain;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import meshwork.api.engine.Batch;
import meshwork.api.engine.DecodeInterrupted;
import meshwork.api.engine.EngineFailed;
import meshwork.api.engine.Sampler;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SequenceMemory;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;
import meshwork.api.engine.TokenLikelihood;
import meshwork.api.engine.TokenLikelihood.Candidate;

/** Decodes by asking the network about one row after another. */
final class PlainSession implements Session {

	private final String engine;
	private final NextToken network;
	private final int vocabulary;
	private final SessionOptions options;
	private final Consumer<PlainSession> closing;
	private final PlainBatch batch;
	private final PlainMemory memory;
	private final float[][] logits;
	private final int[] tokens;
	private volatile boolean interrupted;
	private volatile boolean closed;

	PlainSession(String engine, NextToken network, int vocabulary, SessionOptions options, Consumer<PlainSession> closing) {
		this.engine = engine;
		this.network = network;
		this.vocabulary = vocabulary;
		this.options = options;
		this.closing = closing;
		batch = new PlainBatch(options.batch());
		memory = new PlainMemory(engine + "-1", options.context(), options.sequences());
		logits = new float[options.batch()][];
		tokens = new int[options.context()];
	}

	@Override
	public SessionOptions options() {
		return options;
	}

	@Override
	public Batch batch() {
		return batch;
	}

	@Override
	public void decode() {
		interrupted = false;
		batch.rewind();
		memory.place(batch);
		for (int row = 0; row < batch.size(); row++) {
			if (closed)
				throw new EngineFailed("the session of the engine %s was closed while it decoded".formatted(engine));
			if (interrupted)
				throw new DecodeInterrupted();
			if (batch.outputs[row])
				compute(row);
		}
		batch.walk(logits);
	}

	private void compute(int row) {
		if (logits[row] == null)
			logits[row] = new float[vocabulary];
		Arrays.fill(logits[row], 0);
		network.score(memory.read(batch.sequences[row][0], batch.positions[row], tokens), logits[row]);
	}

	@Override
	public void interrupt() {
		interrupted = true;
	}

	@Override
	public MemorySegment logits(int row) {
		return MemorySegment.ofArray(logits[row]);
	}

	@Override
	public void hidden(boolean wanted) {
		if (wanted)
			throw noHiddenStates();
	}

	@Override
	public MemorySegment hidden(int row) {
		throw noHiddenStates();
	}

	private UnsupportedOperationException noHiddenStates() {
		return new UnsupportedOperationException("the engine %s has no hidden states".formatted(engine));
	}

	@Override
	public TokenLikelihood likelihood(int row, int token, int top) {
		float[] scores = logits[row];
		double best = Float.NEGATIVE_INFINITY;
		for (float score : scores)
			best = Math.max(best, score);
		double sum = 0;
		for (float score : scores)
			sum += Math.exp(score - best);
		double norm = best + Math.log(sum);
		List<Candidate> candidates = top == 0 ? List.of() : IntStream.range(0, scores.length).boxed()
				.sorted((a, b) -> Float.compare(scores[b], scores[a])).limit(top)
				.map(i -> new Candidate(i, (float) (scores[i] - norm))).toList();
		return new TokenLikelihood(token, (float) (scores[token] - norm), candidates);
	}

	@Override
	public Sampler sampler(SamplerOptions chain) {
		return new PlainSampler(engine, chain);
	}

	@Override
	public SequenceMemory memory() {
		return memory;
	}

	@Override
	public void close() {
		closed = true;
		closing.accept(this);
	}
}
