package meshwork.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import meshwork.api.chat.Conversation;
import meshwork.api.chat.Message;
import meshwork.api.engine.EngineException;
import meshwork.api.engine.Model;
import meshwork.api.engine.Pooling;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;
import meshwork.api.engine.Vocabulary;
import meshwork.api.inference.EmbeddingRequest;
import meshwork.api.inference.Embeddings;
import meshwork.api.inference.InferenceException.ContextExceeded;
import meshwork.api.inference.InferenceException.GenerationFailed;
import meshwork.api.inference.InferenceException.InvalidRequest;
import meshwork.api.inference.InferenceException.ModelNotReady;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.Ranking;
import meshwork.api.inference.RankingRequest;

/**
 * Turns texts into vectors on a loaded model, and ranks them: beside whatever it generates, in sessions that are opened when they are
 * first needed.
 */
final class Embedding {

	/** Inputs of one step. */
	private static final int SEQUENCES = 16;
	/** Tokens of one step where a text can be read in pieces. */
	private static final int PIECE = 512;
	/** The same where it can't, and the model computes what could follow each of them. */
	private static final int MOST_AT_ONCE = 2048;

	private static final Pattern PLACE = Pattern.compile("\\{(query|document)}");

	private final String id;
	private final Model model;
	private final Skills skills;
	private final int context;
	private final int threads;
	private final int queue;
	private final Consumer<Throwable> broken;
	private final Map<Pooling, EmbeddingThread> lines = new EnumMap<>(Pooling.class);
	private boolean closed;

	/**
	 * @param context tokens that an input can have
	 * @param queue how many requests may wait
	 * @param broken told when the engine fails
	 */
	Embedding(String id, Model model, Skills skills, int context, int threads, int queue, Consumer<Throwable> broken) {
		this.id = id;
		this.model = model;
		this.skills = skills;
		this.context = context;
		this.threads = threads;
		this.queue = queue;
		this.broken = broken;
	}

	CompletableFuture<Embeddings> embed(EmbeddingRequest request) {
		if (skills.vectorLength() == 0)
			throw new InvalidRequest("model", "the model '%s' makes no vectors of texts: serve one that does".formatted(id));
		if (skills.pooling() == Pooling.RANK && !request.eachToken())
			throw new InvalidRequest("model", "the model '%s' ranks texts, it makes no vectors of them: ask POST /v1/rerank".formatted(id));
		Pooling pooling = request.eachToken() ? Pooling.NONE : skills.pooling();
		var inputs = new ArrayList<int[]>();
		for (Prompt input : request.inputs())
			inputs.add(checked(tokens(input, inputs.size()), pooling, "input %d".formatted(inputs.size())));
		boolean normalized = request.normalized() && !request.eachToken();
		return submit(request.caller(), inputs, pooling, vectors -> {
			if (normalized)
				vectors.forEach(each -> normalize(each[0]));
			return new Embeddings(vectors, count(inputs));
		});
	}

	CompletableFuture<Ranking> rank(RankingRequest request) {
		if (skills.classes() == 0)
			throw new InvalidRequest("model", ("the model '%s' has no classification head, which ranking takes: serve a reranker, or compare "
					+ "the vectors that POST /v1/embeddings gives").formatted(id));
		var inputs = new ArrayList<int[]>();
		for (String document : request.documents())
			inputs.add(checked(pair(request.query(), document), Pooling.RANK, "the query with document %d".formatted(inputs.size())));
		return submit(request.caller(), inputs, Pooling.RANK, vectors -> {
			var scores = new float[vectors.size()];
			for (int i = 0; i < scores.length; i++)
				scores[i] = vectors.get(i)[0][0];
			return new Ranking(scores, count(inputs));
		});
	}

	private int[] tokens(Prompt input, int index) {
		int[] tokens = switch (input) {
			case Prompt.Text(var text) -> model.vocabulary().tokenize(text, false, true);
			case Prompt.Tokens(var given) -> given.clone();
			case Prompt.Chat _, Prompt.Gap _ -> throw new InvalidRequest("input", "input %d is no plain text".formatted(index));
		};
		int size = model.vocabulary().size();
		for (int token : tokens)
			if (token < 0 || token >= size)
				throw new InvalidRequest("input", "input %d has the token %d, and the model has the tokens 0 to %d".formatted(index, token, size - 1));
		return tokens;
	}

	private int[] checked(int[] tokens, Pooling pooling, String name) {
		if (tokens.length == 0)
			throw new InvalidRequest("input", "%s is empty".formatted(name));
		if (tokens.length > context)
			throw new ContextExceeded(tokens.length, context);
		if (!skills.inPieces(pooling) && tokens.length > rows(pooling))
			throw new InvalidRequest("input", ("%s has %d tokens: this model looks at all of them at once, and this node has room for %d then")
					.formatted(name, tokens.length, rows(pooling)));
		return tokens;
	}

	private int rows(Pooling pooling) {
		return Math.min(context, !skills.generates() ? context : skills.inPieces(pooling) ? PIECE : MOST_AT_ONCE);
	}

	/** A pair in the form that the model was trained on; names of control tokens that people wrote stay text. */
	private int[] pair(String query, String document) {
		Vocabulary vocabulary = model.vocabulary();
		if (skills.rankTemplate().isEmpty())
			return vocabulary.pair(query, document);
		var quotes = new Quotes(vocabulary);
		Quotes.Quoted quoted = quotes.quote(new Conversation(List.of(new Message("query", query), new Message("document", document))));
		List<String> texts = quoted.conversation().messages().stream().map(Message::text).toList();
		String prompt = PLACE.matcher(skills.rankTemplate())
				.replaceAll(place -> Matcher.quoteReplacement(texts.get(place.group(1).equals("query") ? 0 : 1)));
		return quotes.tokens(prompt, quoted, false);
	}

	private static int count(List<int[]> inputs) {
		return inputs.stream().mapToInt(tokens -> tokens.length).sum();
	}

	private static void normalize(float[] vector) {
		double sum = 0;
		for (float element : vector)
			sum += (double) element * element;
		double length = Math.sqrt(sum);
		for (int i = 0; i < vector.length && length > 0; i++)
			vector[i] = (float) (vector[i] / length);
	}

	/** Has vectors made, and something made of them; who cancels that cancels them. */
	private <T> CompletableFuture<T> submit(String caller, List<int[]> inputs, Pooling pooling, Function<List<float[][]>, T> then) {
		CompletableFuture<List<float[][]>> vectors = line(pooling).submit(caller, inputs);
		CompletableFuture<T> result = vectors.thenApply(then);
		result.whenComplete((_, _) -> vectors.cancel(false));
		return result;
	}

	private synchronized EmbeddingThread line(Pooling pooling) {
		if (closed)
			throw new ModelNotReady("the model '%s' is being unloaded".formatted(id));
		return lines.computeIfAbsent(pooling, this::open);
	}

	private EmbeddingThread open(Pooling pooling) {
		try {
			Session session = model.open(SessionOptions.embedding(context, Math.min(SEQUENCES, context), rows(pooling), threads, pooling));
			return new EmbeddingThread(id, session, queue, broken);
		} catch (UnsupportedOperationException e) {
			throw new InvalidRequest("model", "the model '%s': %s".formatted(id, e.getMessage()), e);
		} catch (EngineException e) {
			throw new GenerationFailed("the model '%s' can't make vectors: %s".formatted(id, e.getMessage()), e);
		}
	}

	/** Takes nothing more in. */
	synchronized void drain() {
		closed = true;
		lines.values().forEach(EmbeddingThread::drain);
	}

	/** After {@link #drain}: waits for what was taken in, then fails what is left with the reason. Blocks until the sessions are closed. */
	void close(Duration drain, String reason) throws InterruptedException {
		long end = System.nanoTime() + drain.toNanos();
		for (EmbeddingThread line : List.copyOf(lines.values())) {
			long left = end - System.nanoTime();
			if (left > 0 && line.join(Duration.ofNanos(left)))
				continue;
			line.stop(new GenerationFailed(reason));
			line.join(Duration.ofDays(1));
		}
	}
}
