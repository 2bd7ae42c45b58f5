package meshwork.runtime;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

import meshwork.api.chat.ChatTemplates;
import meshwork.api.chat.Conversation;
import meshwork.api.engine.Model;
import meshwork.api.engine.ModelDescription.Rollback;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;
import meshwork.api.engine.Vocabulary;
import meshwork.api.inference.Activity;
import meshwork.api.inference.EmbeddingRequest;
import meshwork.api.inference.Embeddings;
import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationEvent;
import meshwork.api.inference.GenerationEvent.Done;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.InferenceException.ContextExceeded;
import meshwork.api.inference.InferenceException.GenerationFailed;
import meshwork.api.inference.InferenceException.InvalidRequest;
import meshwork.api.inference.InferenceException.ModelNotReady;
import meshwork.api.inference.ModelSettings;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.Ranking;
import meshwork.api.inference.RankingRequest;
import meshwork.runtime.Prompts.Prepared;

/** A model while it is loaded: its session, and the thread that decodes there. */
final class Serving {

	/** Rows of a step: more would be computed in two goes, which reads the weights twice. */
	private static final int ROWS = 512;
	private static final int FIRST_WORDS = 2;
	/** Sequences that are kept in the engine beside those that are decoded, and how many there can be at all. */
	private static final int KEPT = 32;
	private static final int MOST_SEQUENCES = 256;

	private final String id;
	private final Model model;
	private final Optional<Session> session;
	private final int context;
	private final Prompts prompts;
	private final Optional<Scheduler> scheduler;
	private final Embedding embedding;
	private final ReentrantReadWriteLock leases = new ReentrantReadWriteLock();
	private boolean closed;

	/**
	 * Opens a session; the weights are closed if that fails.
	 *
	 * @param recall what is remembered of earlier prompts
	 * @param broken told when the engine fails
	 */
	Serving(ModelSettings settings, Model weights, CheckedModel checked, int queue, Recall recall, Consumer<Throwable> broken) {
		id = settings.id().orElseThrow();
		model = weights;
		context = checked.facts().context();
		try {
			session = checked.skills().generates() ? Optional.of(open(checked.facts().parallel(), settings.threads())) : Optional.empty();
		} catch (RuntimeException e) {
			model.close();
			throw e;
		}
		prompts = new Prompts(model.vocabulary(), checked.template(), context);
		scheduler = session.map(it -> new Scheduler(id, it, model.vocabulary(), model.description().rollback(), context, checked.facts().parallel(),
				queue, recall.shared(), saved(recall, it), broken));
		scheduler.ifPresent(Scheduler::start);
		embedding = new Embedding(id, model, checked.skills(), context, settings.threads(), queue, broken);
	}

	private Session open(int parallel, int threads) {
		int cells = Math.multiplyExact(context, parallel);
		int rows = Math.min(cells, ROWS);
		return model.open(new SessionOptions(cells, sequences(parallel), Math.max(parallel, rows), rows, threads, threads));
	}

	/** More than are decoded, to keep some that were. A model that can't go back has memory for each, used or not. */
	private int sequences(int parallel) {
		int kept = model.description().rollback() == Rollback.ANY ? KEPT : parallel;
		return Math.max(parallel, Math.min(parallel + kept, MOST_SEQUENCES));
	}

	private SavedPrefixes saved(Recall recall, Session session) {
		return new SavedPrefixes(recall.bytes(),
				recall.folder().map(folder -> new PrefixFolder(folder, session.memory().format(), recall.bytes(), recall.complaints())));
	}

	/**
	 * What is remembered of earlier prompts.
	 *
	 * @param bytes most that may be kept outside the engine
	 * @param folder where it is kept from one start to the next
	 * @param shared whether callers may use what is known of each other's prompts
	 * @param complaints told of what can't be kept
	 */
	record Recall(long bytes, Optional<Path> folder, boolean shared, Consumer<String> complaints) {
	}

	/**
	 * Has the model say something, or make a vector if it can't: then its weights are in memory, and the engine is known to work.
	 * Blocks until then.
	 *
	 * @throws GenerationFailed when it can't, or when the thread is interrupted
	 */
	void tryOut() {
		Vocabulary vocabulary = model.vocabulary();
		var prompt = new Prompt.Tokens(new int[] {vocabulary.begin().orElse(vocabulary.end().orElse(0))});
		try {
			if (scheduler.isPresent())
				speak(prompt);
			else
				embedding.embed(new EmbeddingRequest("first words", "", id, List.of(prompt), true, false)).get();
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
			throw new GenerationFailed("it was interrupted", e);
		} catch (ExecutionException e) {
			throw new GenerationFailed("it could not make a vector: %s".formatted(e.getCause().getMessage()), e.getCause());
		}
	}

	private void speak(Prompt prompt) throws InterruptedException {
		var request = new GenerationRequest("first words", "", id, prompt, SamplerOptions.GREEDY, Optional.of(FIRST_WORDS), List.of(), 1,
				Optional.empty(), true, Optional.empty(), false);
		try (Generation generation = generate(request, Optional.empty())) {
			GenerationEvent event;
			do
				event = generation.next();
			while (!(event instanceof Done));
			scheduler.ifPresent(Scheduler::countAnew);
		}
	}

	Model model() {
		return model;
	}

	void prepare(ChatTemplates templates) {
		prompts.prepare(templates);
	}

	Generation generate(GenerationRequest request, Optional<ChatTemplates> templates) {
		check(request);
		Scheduler decoding = scheduler.orElseThrow(() -> new InvalidRequest("model",
				"the model '%s' makes vectors of texts, it does not continue them: ask POST /v1/embeddings or /v1/rerank".formatted(id)));
		Prepared prompt = leased(() -> prompts.prepare(request.prompt(), templates));
		if (prompt.tokens().length > context)
			throw new ContextExceeded(prompt.tokens().length, context);
		var stream = new Stream(request, prompt.tokens(), prompt.format(), decoding::cancel);
		decoding.submit(stream);
		return stream;
	}

	CompletableFuture<Embeddings> embed(EmbeddingRequest request) {
		return leased(() -> embedding.embed(request));
	}

	CompletableFuture<Ranking> rank(RankingRequest request) {
		return leased(() -> embedding.rank(request));
	}

	int countTokens(Prompt prompt, Optional<ChatTemplates> templates) {
		return leased(() -> prompts.prepare(prompt, templates)).tokens().length;
	}

	int[] tokenize(String text, boolean special, boolean begin) {
		return leased(() -> model.vocabulary().tokenize(text, special, begin));
	}

	byte[] bytes(int token, boolean special) {
		if (token < 0 || token >= model.vocabulary().size())
			throw new InvalidRequest("tokens", "there is no token %d: the model has the tokens 0 to %d".formatted(token, model.vocabulary().size() - 1));
		return leased(() -> model.vocabulary().bytes(token, special));
	}

	String render(Conversation conversation, Optional<ChatTemplates> templates) {
		return leased(() -> prompts.render(conversation, templates));
	}

	Prompts prompts() {
		return prompts;
	}

	/** What it does; nothing that is told where it only makes vectors. */
	Optional<Activity> activity() {
		return scheduler.map(Scheduler::activity);
	}

	private static void check(GenerationRequest request) {
		if (request.choices() < 1)
			throw new InvalidRequest("n", "%d choices are asked for: at least 1 makes sense".formatted(request.choices()));
		if (request.maxTokens().orElse(1) < 1)
			throw new InvalidRequest("max_tokens", "at most %d tokens are asked for: at least 1 makes sense".formatted(request.maxTokens().get()));
		if (request.likelihoods().orElse(0) < 0)
			throw new InvalidRequest("logprobs", "%d alternatives are asked for".formatted(request.likelihoods().get()));
		if (request.stops().contains(""))
			throw new InvalidRequest("stop", "a stop is empty, which is everywhere: leave it out");
	}

	/** The vocabulary is not closed under whoever uses it. */
	private <T> T leased(Supplier<T> work) {
		leases.readLock().lock();
		try {
			if (closed)
				throw new ModelNotReady("the model '%s' is being closed".formatted(id));
			return work.get();
		} finally {
			leases.readLock().unlock();
		}
	}

	/**
	 * Lets what runs come to its end for some time, then fails what is left with the reason, and gives the memory back. Blocks until
	 * then: a step of the engine is waited for, however long it takes, since it must not lose its memory.
	 */
	void close(Duration drain, String reason) {
		boolean interrupted = false;
		embedding.drain();
		scheduler.ifPresent(Scheduler::drain);
		for (boolean done = false; !done;)
			try {
				if (scheduler.isPresent())
					close(scheduler.get(), drain, reason);
				embedding.close(drain, reason);
				done = true;
			} catch (InterruptedException e) {
				interrupted = true;
			}
		leases.writeLock().lock();
		try {
			closed = true;
			session.ifPresent(Session::close);
			model.close();
		} finally {
			leases.writeLock().unlock();
			if (interrupted)
				Thread.currentThread().interrupt();
		}
	}

	private static void close(Scheduler scheduler, Duration drain, String reason) throws InterruptedException {
		if (drain.isZero() || !scheduler.join(drain)) {
			scheduler.stop(new GenerationFailed(reason));
			scheduler.join(Duration.ofDays(1));
		}
	}
}
