package meshwork.bench;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a server is asked to do.
 *
 * @param url where it listens: {@code http} or {@code https}; what its path says comes before {@code /v1}
 * @param key the API key it wants to be shown
 * @param model as the server calls it
 * @param chat whether prompts are user messages of chats, rather than texts to complete
 * @param stream whether answers come token by token
 * @param promptTokens tokens of a prompt, by the server's count, what its chat template adds included
 * @param sharedTokens how many of them are the same in every prompt, at its beginning
 * @param outputTokens tokens of an answer: exactly that many where the server knows {@code ignore_eos}
 * @param seed of the prompts and arrivals: the same seed asks the same, another one nothing that was asked before
 */
public record Load(URI url, Optional<String> key, String model, boolean chat, boolean stream, int promptTokens, int sharedTokens,
		int outputTokens, long seed) {

	/** The same, to be shown to others. */
	public Load withoutKey() {
		return new Load(url, Optional.empty(), model, chat, stream, promptTokens, sharedTokens, outputTokens, seed);
	}

	/**
	 * How much of it comes at once.
	 *
	 * @param concurrency callers, each of whom asks again when it has its answer; with a rate what it takes to warm up
	 * @param rate requests a second on average, arriving whether answers have come or not (a Poisson process)
	 * @param warmup requests before those that count
	 * @param requests how many count; without a number as many as begin in the duration
	 */
	public record Level(int concurrency, OptionalDouble rate, int warmup, OptionalInt requests, Duration duration) {
	}
}
