package meshwork.api.inference;

import java.util.concurrent.CompletableFuture;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Turns texts into vectors with the models that are served, and ranks texts. What is wrong with a request is thrown before anything is
 * computed; what goes wrong later ends the future with an {@link InferenceException}. Cancelling it gives up what is left. Safe for use
 * by many threads.
 */
@ProviderType
public interface Embedder {

	/**
	 * Makes vectors of texts.
	 *
	 * @throws InferenceException.ModelUnknown when no such model is served
	 * @throws InferenceException.InvalidRequest when the model makes no such vectors
	 * @throws InferenceException.ContextExceeded when an input is longer than the model takes
	 * @throws InferenceException.Overloaded when too many requests wait
	 */
	CompletableFuture<Embeddings> embed(EmbeddingRequest request);

	/**
	 * Says how well each of some documents answers a query.
	 *
	 * @throws InferenceException as {@link #embed} does
	 */
	CompletableFuture<Ranking> rank(RankingRequest request);
}
