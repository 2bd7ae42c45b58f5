package meshwork.openai;

import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.ToIntFunction;

import org.eclipse.jetty.server.Request;

import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationEvent;
import meshwork.api.inference.InferenceException;

/** A generation of which the line in the log tells: the model, how many tokens, how it ended; never what was said. */
record Noted(Generation generation, Request request) implements Generation {

	/** What handlers note of a request begins so. */
	private static final String NOTE = "http.note.";

	/** Attribute of a request: how many of its generations have not ended. */
	private static final String RUNNING = "openai.running";

	static Noted of(Generation generation, Request request, String model) {
		begin(request, model);
		return new Noted(generation, request);
	}

	/**
	 * Waits for something that a model computes at once; it is given up when the client goes away.
	 *
	 * @param tokens says how many of them were read
	 * @throws InferenceException when it fails, or was given up
	 */
	static <T> T await(CompletableFuture<T> answer, Exchange exchange, String model, ToIntFunction<T> tokens) throws InterruptedException {
		Request request = exchange.request();
		begin(request, model);
		exchange.whenGone(() -> answer.cancel(false));
		try {
			T made = answer.get();
			add(request, NOTE + "prompt_tokens", tokens.applyAsInt(made));
			return made;
		} catch (CancellationException e) {
			throw new InferenceException.GenerationFailed("the client went away", e);
		} catch (ExecutionException e) {
			note(request, "failed", true);
			throw e.getCause() instanceof InferenceException known ? known : new IllegalStateException(e.getCause());
		} finally {
			answer.cancel(false);
			add(request, RUNNING, -1);
		}
	}

	private static void begin(Request request, String model) {
		note(request, "model", model);
		add(request, RUNNING, 1);
	}

	static void note(Request request, String name, Object value) {
		request.setAttribute(NOTE + name, value);
	}

	/** The client went away; one that has its whole answer may. */
	static void gone(Request request) {
		if (request.getAttribute(RUNNING) instanceof Integer running && running > 0)
			note(request, "cancelled", true);
	}

	@Override
	public GenerationEvent next() throws InterruptedException {
		try {
			GenerationEvent event = generation.next();
			switch (event) {
				case GenerationEvent.Finished finished -> note(request, "finish", finished.reason().name().toLowerCase(Locale.ROOT));
				case GenerationEvent.Done(GenerationEvent.Usage usage, _) -> {
					add(request, RUNNING, -1);
					add(request, NOTE + "prompt_tokens", usage.promptTokens());
					add(request, NOTE + "cached_tokens", usage.cachedTokens());
					add(request, NOTE + "completion_tokens", usage.completionTokens());
				}
				default -> {
				}
			}
			return event;
		} catch (InferenceException e) {
			add(request, RUNNING, -1);
			if (request.getAttribute(NOTE + "cancelled") == null)
				note(request, "failed", true);
			throw e;
		}
	}

	/** Several generations may answer one request. */
	private static void add(Request request, String name, int count) {
		request.setAttribute(name, count + (request.getAttribute(name) instanceof Integer before ? before : 0));
	}

	@Override
	public void close() {
		generation.close();
	}
}
