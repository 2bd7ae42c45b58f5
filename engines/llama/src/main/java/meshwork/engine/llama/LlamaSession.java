package meshwork.engine.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import meshwork.api.engine.Adapter;
import meshwork.api.engine.Batch;
import meshwork.api.engine.DecodeInterrupted;
import meshwork.api.engine.EngineFailed;
import meshwork.api.engine.NoRoom;
import meshwork.api.engine.Pooling;
import meshwork.api.engine.Sampler;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SequenceMemory;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;
import meshwork.api.engine.TokenLikelihood;

/** A {@code llama_context}. */
final class LlamaSession implements Session {

	private static final int NO_ROOM = 1;
	private static final int INTERRUPTED = 2;
	private static final int INVALID = -1;

	private final LlamaModel model;
	private final Llama calls;
	private final NativeLife life;
	private final MemorySegment context;
	private final SessionOptions options;
	private final LlamaBatch batch;
	private final SequenceMemory memory;
	private final Likelihoods likelihoods;
	private final Set<LlamaSampler> samplers = ConcurrentHashMap.newKeySet();
	private final RowViews logits;
	private final RowViews hidden;
	private final RowViews embeddings;
	private final Candidates single;
	private Candidates candidates;
	private final List<String> complaints = new ArrayList<>();
	private boolean hiddenWanted;

	/** A C string that is empty until the decode is to end; see {@link LlamaLibrary#strlen}. */
	private final MemorySegment interrupted;
	private boolean decoding;
	private boolean closed;

	LlamaSession(LlamaModel model, SessionOptions wanted, Consumer<LlamaSession> closed) {
		this.model = model;
		LlamaLibrary library = model.library;
		calls = library.calls;
		int own = Threads.of(model.description().bytes());
		int threads = wanted.threads() > 0 ? wanted.threads() : own;
		int batchThreads = wanted.batchThreads() > 0 ? wanted.batchThreads() : own;
		MemorySegment created = create(wanted, threads, batchThreads);
		var pool = new ThreadPool(library, Math.max(threads, batchThreads));
		life = new NativeLife(() -> {
			samplers.forEach(LlamaSampler::close);
			calls.llama_free(created);
			pool.close();
			closed.accept(this);
		});
		context = life.bind(created);
		try {
			MemorySegment kv = calls.llama_get_memory(created);
			if (kv.address() == 0 && wanted.pooling().isEmpty())
				throw new EngineFailed(model.description().text() + " has no memory of sequences: it embeds, it does not generate");
			calls.llama_attach_threadpool(created, pool.pointer, pool.pointer);
			interrupted = life.arena().allocate(2);
			calls.llama_set_abort_callback(created, library.strlen, interrupted);
			options = new SessionOptions(calls.llama_n_ctx(created), wanted.sequences(), calls.llama_n_batch(created),
					calls.llama_n_ubatch(created), threads, batchThreads, wanted.pooling());
			hiddenWanted = wanted.pooling().isPresent();
			int vocabulary = model.vocabulary().size();
			batch = new LlamaBatch(this, library, life.arena(), options.batch(), options.sequences(), vocabulary);
			memory = kv.address() == 0 ? new NoMemory() : new LlamaMemory(model, context, life.bind(kv), options.sequences());
			logits = new RowViews(life, options.batch(), vocabulary);
			hidden = new RowViews(life, options.batch(), model.description().embedding());
			embeddings = new RowViews(life, options.sequences(), options.pooling().equals(Optional.of(Pooling.RANK))
					? calls.llama_model_n_cls_out(model.pointer) : model.description().embedding());
			likelihoods = new Likelihoods(vocabulary);
			single = new Candidates(library.release, life.arena(), 1);
		} catch (RuntimeException e) {
			life.close();
			throw e;
		}
	}

	private MemorySegment create(SessionOptions wanted, int threads, int batchThreads) {
		LlamaLibrary library = model.library;
		try (Arena arena = Arena.ofConfined()) {
			String struct = "llama_context_params";
			MemorySegment params = calls.llama_context_default_params(arena);
			library.set(params, struct, "n_ctx", wanted.context());
			library.set(params, struct, "n_batch", wanted.batch());
			// what embeds is computed at once: llama.cpp asserts it where attention goes both ways
			library.set(params, struct, "n_ubatch", wanted.pooling().isPresent() ? wanted.batch() : Math.min(wanted.microBatch(), wanted.batch()));
			library.set(params, struct, "n_seq_max", wanted.sequences());
			library.set(params, struct, "n_threads", threads);
			library.set(params, struct, "n_threads_batch", batchThreads);
			library.set(params, struct, "pooling_type", wanted.pooling().orElse(Pooling.NONE).ordinal());
			library.set(params, struct, "embeddings", wanted.pooling().isPresent());
			library.set(params, struct, "kv_unified", true);
			MemorySegment created = calls.llama_init_from_model(model.pointer, params);
			if (created.address() == 0)
				throw new EngineFailed("no session of " + wanted.context() + " tokens on " + model.description().text() + ": "
						+ library.reason());
			return created;
		}
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
		begin();
		complaints.clear();
		model.library.collect(complaints);
		try {
			check(calls.llama_decode(context, batch.filled(hiddenWanted, memory)));
			batch.walk(calls, context);
		} catch (IllegalStateException e) {
			throw life.alive() ? e : new EngineFailed("the session was closed", e);
		} finally {
			model.library.pass();
			end();
		}
	}

	private void check(int result) {
		switch (result) {
			case 0 -> {
			}
			case NO_ROOM -> throw new NoRoom("no room for " + batch.size() + " tokens among " + options.context());
			case INTERRUPTED -> throw new DecodeInterrupted();
			case INVALID -> throw new IllegalArgumentException("llama.cpp takes the batch for invalid: rows that share sequences "
					+ "come before the rows that continue them, and those share no more than they did");
			default -> throw new EngineFailed("llama.cpp could not compute the step (" + result + "): " + String.join("; ", complaints));
		}
	}

	private synchronized void begin() {
		if (closed)
			throw new EngineFailed("the session was closed");
		interrupted.set(JAVA_BYTE, 0, (byte) 0);
		decoding = true;
	}

	private synchronized void end() {
		decoding = false;
	}

	@Override
	public synchronized void interrupt() {
		if (decoding && life.alive())
			interrupted.set(JAVA_BYTE, 0, (byte) 1);
	}

	@Override
	public MemorySegment logits(int row) {
		generates();
		return logits.view(row, calls.llama_get_logits_ith(context, checkRow(row)));
	}

	@Override
	public void hidden(boolean wanted) {
		generates();
		hiddenWanted = wanted;
		calls.llama_set_embeddings(context, wanted);
	}

	@Override
	public MemorySegment hidden(int row) {
		if (options.pooling().orElse(Pooling.NONE) != Pooling.NONE)
			throw new UnsupportedOperationException("a session that pools keeps no hidden state of each token");
		return hidden.view(row, calls.llama_get_embeddings_ith(context, checkRow(row)));
	}

	@Override
	public MemorySegment embedding(int sequence) {
		if (options.pooling().orElse(Pooling.NONE) == Pooling.NONE)
			return Session.super.embedding(sequence);
		return embeddings.view(sequence, calls.llama_get_embeddings_seq(context, Objects.checkIndex(sequence, options.sequences())));
	}

	@Override
	public void adapt(Map<Adapter, Float> scales) {
		try (Arena arena = Arena.ofConfined()) {
			MemorySegment adapters = arena.allocate(ADDRESS, Math.max(1, scales.size()));
			MemorySegment strengths = arena.allocate(JAVA_FLOAT, Math.max(1, scales.size()));
			int count = 0;
			for (var each : scales.entrySet()) {
				if (!(each.getKey() instanceof LlamaAdapter(LlamaModel of, MemorySegment pointer)) || of != model)
					throw new IllegalArgumentException("not an adapter of this model");
				if (!Float.isFinite(each.getValue()))
					throw new IllegalArgumentException("an adapter can't count " + each.getValue());
				adapters.setAtIndex(ADDRESS, count, pointer);
				strengths.setAtIndex(JAVA_FLOAT, count++, each.getValue());
			}
			calls.llama_set_adapters_lora(context, adapters, count, strengths);
		}
	}

	private void generates() {
		if (options.pooling().isPresent())
			throw new UnsupportedOperationException("this session embeds, it does not generate");
	}

	private int checkRow(int row) {
		if (row < 0 || row >= options.batch())
			throw new IndexOutOfBoundsException("row " + row + " of a batch of at most " + options.batch());
		return row;
	}

	@Override
	public TokenLikelihood likelihood(int row, int token, int top) {
		return likelihoods.of(logits(row), token, top);
	}

	@Override
	public Sampler sampler(SamplerOptions wanted) {
		generates();
		return adopt(LlamaSampler.of(wanted, this, model));
	}

	LlamaSampler adopt(LlamaSampler sampler) {
		samplers.add(sampler);
		return sampler;
	}

	/** Whether the sampler is still this session's; from now on it is not. */
	boolean release(LlamaSampler sampler) {
		return samplers.remove(sampler);
	}

	/** The sampler as one of this session's. */
	LlamaSampler own(Sampler sampler) {
		if (sampler instanceof LlamaSampler ours && samplers.contains(ours))
			return ours;
		throw new IllegalArgumentException("not an open sampler of this session");
	}

	NativeLife life() {
		return life;
	}

	/** Room for every token as a candidate, shared by the samplers: one thread samples. */
	Candidates candidates() {
		if (candidates == null)
			candidates = new Candidates(model.library.release, life.arena(), model.vocabulary().size());
		return candidates;
	}

	/** Room for one token as a candidate. */
	Candidates single() {
		return single;
	}

	@Override
	public SequenceMemory memory() {
		return memory;
	}

	@Override
	public void close() {
		synchronized (this) {
			closed = true;
			interrupt();
		}
		life.close();
	}

	/** Views of the rows that a step computed, made anew only where a row has moved. */
	private static final class RowViews {

		private final NativeLife life;
		private final MemorySegment[] views;
		private final long bytes;

		RowViews(NativeLife life, int rows, int columns) {
			this.life = life;
			views = new MemorySegment[rows];
			bytes = JAVA_FLOAT.byteSize() * columns;
		}

		MemorySegment view(int row, long address) {
			if (address == 0)
				throw new IllegalArgumentException("row " + row + " of the last decode wanted none of this");
			MemorySegment view = views[row];
			if (view == null || view.address() != address) {
				view = life.view(address, bytes).asReadOnly();
				views[row] = view;
			}
			return view;
		}
	}
}
