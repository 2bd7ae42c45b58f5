package meshwork.openai;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import meshwork.api.inference.Embedder;
import meshwork.api.inference.EmbeddingRequest;
import meshwork.api.inference.Embeddings;
import meshwork.api.inference.InferenceException.ContextExceeded;
import meshwork.api.inference.InferenceException.GenerationFailed;
import meshwork.api.inference.InferenceException.InvalidRequest;
import meshwork.api.inference.InferenceException.ModelUnknown;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.Ranking;
import meshwork.api.inference.RankingRequest;

/** Vectors without a model: {@link ScriptedInference}'s models play the same parts here; {@code picky} can't rank. */
final class ScriptedEmbedder implements Embedder {

	final List<EmbeddingRequest> requests = new CopyOnWriteArrayList<>();
	final CountDownLatch started = new CountDownLatch(1);
	final CompletableFuture<Object> stuck = new CompletableFuture<>();

	EmbeddingRequest last() {
		return requests.getLast();
	}

	/** The first element of a vector is how many tokens there are, the others are 2, 4, and 0.1; a token is a character. */
	@Override
	public CompletableFuture<Embeddings> embed(EmbeddingRequest request) {
		requests.add(request);
		return play(request.model(), () -> new Embeddings(request.inputs().stream().map(input -> IntStream.range(0, request.eachToken() ? length(input) : 1)
				.mapToObj(token -> vector(request, token, length(input))).toArray(float[][]::new)).toList(),
				request.inputs().stream().mapToInt(ScriptedEmbedder::length).sum()));
	}

	private static float[] vector(EmbeddingRequest request, int token, int length) {
		var vector = new float[] { request.eachToken() ? token : length, 2, 4, 0.1f };
		double norm = Math.sqrt(vector[0] * vector[0] + 4 + 16 + 0.01);
		for (int i = 0; i < vector.length && request.normalized(); i++)
			vector[i] = (float) (vector[i] / norm);
		return vector;
	}

	private static int length(Prompt prompt) {
		return switch (prompt) {
			case Prompt.Text(String text) -> text.length();
			case Prompt.Tokens(int[] tokens) -> tokens.length;
			case Prompt.Chat _, Prompt.Gap _ -> throw new AssertionError(prompt);
		};
	}

	/** A document's score is how often it has the query. */
	@Override
	public CompletableFuture<Ranking> rank(RankingRequest request) {
		if (request.model().equals(ScriptedInference.PICKY))
			throw new InvalidRequest("model", "the model 'picky' has no classification head");
		return play(request.model(), () -> {
			var scores = new float[request.documents().size()];
			for (int i = 0; i < scores.length; i++)
				scores[i] = request.documents().get(i).split(request.query(), -1).length - 1;
			return new Ranking(scores, request.documents().stream().mapToInt(String::length).sum());
		});
	}

	@SuppressWarnings("unchecked")
	private <T> CompletableFuture<T> play(String model, Supplier<T> made) {
		started.countDown();
		return switch (model) {
			case ScriptedInference.GOOD, ScriptedInference.PICKY -> CompletableFuture.completedFuture(made.get());
			case ScriptedInference.STUCK -> (CompletableFuture<T>) stuck;
			case ScriptedInference.DEAD -> CompletableFuture.failedFuture(new GenerationFailed("the engine died"));
			case ScriptedInference.SMALL -> throw new ContextExceeded(5000, 4096);
			default -> throw new ModelUnknown(model, List.of(ScriptedInference.GOOD));
		};
	}
}
