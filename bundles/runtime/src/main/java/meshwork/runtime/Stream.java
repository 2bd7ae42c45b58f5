package meshwork.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

import meshwork.api.chat.ReplyFormat;
import meshwork.api.chat.ReplyFormat.Constraint;
import meshwork.api.engine.SamplerOptions.Stage;
import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationEvent;
import meshwork.api.inference.GenerationEvent.Done;
import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.GenerationEvent.Finished;
import meshwork.api.inference.GenerationEvent.Started;
import meshwork.api.inference.GenerationEvent.Timings;
import meshwork.api.inference.GenerationEvent.Usage;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.InferenceException;
import meshwork.api.inference.InferenceException.GenerationFailed;

/**
 * A request on its way: its reader takes events out of one end, the decoding thread puts them in at the other and never waits.
 * What is unread is bounded by the context.
 */
final class Stream implements Generation {

	private sealed interface Item {
		record Happened(GenerationEvent event) implements Item {
		}

		record Broken(GenerationFailed cause) implements Item {
		}
	}

	private final GenerationRequest request;
	private final int[] prompt;
	private final Optional<ReplyFormat> format;
	private final Consumer<Stream> cancel;
	private final CompletableFuture<Void> accepted = new CompletableFuture<>();
	private final LinkedBlockingQueue<Item> items = new LinkedBlockingQueue<>();
	private final long submitted = System.nanoTime();
	private boolean read;
	private boolean ended;

	private final List<Choice> choices = new ArrayList<>();
	private int completionTokens;
	private int reasoningTokens;
	private boolean failed;
	private int cachedTokens;
	private long started;
	private long first;
	private long last;

	/**
	 * @param format of the reply, if the prompt is a conversation
	 * @param cancel told of a reader that goes away before the end, from the reader's thread
	 */
	Stream(GenerationRequest request, int[] prompt, Optional<ReplyFormat> format, Consumer<Stream> cancel) {
		this.request = request;
		this.prompt = prompt;
		this.format = format;
		this.cancel = cancel;
	}

	GenerationRequest request() {
		return request;
	}

	/** How tokens are picked: what holds the reply to its format comes before whatever weighs tokens against each other. */
	List<Stage> stages() {
		List<Stage> asked = request.sampling().stages();
		Optional<Constraint> constraint = format.flatMap(ReplyFormat::constraint);
		if (constraint.isEmpty())
			return asked;
		var stages = new ArrayList<>(asked);
		stages.add(asked.isEmpty() || !(asked.getFirst() instanceof Stage.Bias) ? 0 : 1,
				new Stage.Grammar(constraint.get().grammar(), "root", constraint.get().triggers(), List.of()));
		if (asked.isEmpty())
			stages.add(new Stage.Temperature(0));
		return stages;
	}

	int[] prompt() {
		return prompt;
	}

	Optional<ReplyFormat> format() {
		return format;
	}

	@Override
	public GenerationEvent next() throws InterruptedException {
		if (read)
			throw new IllegalStateException("this generation has ended");
		switch (items.take()) {
			case Item.Happened(var event) -> {
				read = event instanceof Done;
				return event;
			}
			case Item.Broken(var cause) -> {
				read = true;
				throw cause;
			}
		}
	}

	@Override
	public void close() {
		if (end(new Item.Broken(new GenerationFailed("the generation was closed"))))
			cancel.accept(this);
	}

	/** Waits until the decoding thread has looked at the request. */
	void awaitAccepted() {
		try {
			accepted.join();
		} catch (CompletionException e) {
			throw e.getCause() instanceof InferenceException refusal ? refusal : e;
		}
	}

	// what follows is for the decoding thread

	void accept(List<Choice> all) {
		choices.addAll(all);
		accepted.complete(null);
	}

	void refuse(InferenceException reason) {
		end(new Item.Broken(new GenerationFailed(reason.getMessage(), reason)));
		accepted.completeExceptionally(reason);
	}

	/** Those that are not complete. */
	List<Choice> choices() {
		return choices;
	}

	boolean late(long now) {
		return request.deadline().isPresent() && now - submitted > request.deadline().get().toNanos();
	}

	double age_s() {
		return (System.nanoTime() - submitted) / 1e9;
	}

	/**
	 * A choice has a place.
	 *
	 * @param cached tokens of the prompt that need not be computed
	 * @return whether it is the first
	 */
	boolean start(int cached) {
		if (started != 0)
			return false;
		started = System.nanoTime();
		cachedTokens = cached;
		emit(new Started(prompt.length, cached));
		return true;
	}

	/** A choice has a token; true if it is the first of all. */
	boolean picked(long now) {
		completionTokens++;
		last = now;
		if (first != 0)
			return false;
		first = now;
		return true;
	}

	/** Counts the request, which has ended. */
	void count(Tally tally) {
		tally.requests++;
		tally.whole.add(System.nanoTime() - submitted);
		if (first == 0)
			return;
		tally.prompt_s += (first - started) / 1e9;
		tally.generation_s += (last - first) / 1e9;
	}

	int cachedTokens() {
		return cachedTokens;
	}

	long submitted() {
		return submitted;
	}

	/** The token that was picked is part of a thought. */
	void thought() {
		reasoningTokens++;
	}

	synchronized void emit(GenerationEvent event) {
		if (!ended)
			items.add(new Item.Happened(event));
	}

	/** Ends a choice; true when it was the last. */
	boolean finish(Choice choice, FinishReason reason) {
		emit(new Finished(choice.index(), reason, choice.stop()));
		choices.remove(choice);
		if (!choices.isEmpty())
			return false;
		end(new Item.Happened(new Done(new Usage(prompt.length, cachedTokens, completionTokens, reasoningTokens),
				new Timings((started - submitted) / 1e6, (first - started) / 1e6, (last - first) / 1e6))));
		return true;
	}

	void fail(GenerationFailed reason) {
		failed |= end(new Item.Broken(reason));
	}

	/** Whether it broke off, rather than being given up by its reader. */
	boolean failed() {
		return failed;
	}

	private synchronized boolean end(Item item) {
		if (ended)
			return false;
		ended = true;
		return items.add(item);
	}
}
