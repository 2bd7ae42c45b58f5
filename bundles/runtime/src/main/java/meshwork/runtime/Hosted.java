package meshwork.runtime;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;

import org.osgi.service.log.Logger;

import meshwork.api.engine.Engine;
import meshwork.api.engine.EngineException;
import meshwork.api.engine.LoadOptions;
import meshwork.api.engine.Model;
import meshwork.api.inference.Activity;
import meshwork.api.inference.InferenceException;
import meshwork.api.inference.InferenceException.ModelNotReady;
import meshwork.api.inference.InferenceException.ModelRefused;
import meshwork.api.inference.InferenceException.ModelRefused.Reason;
import meshwork.api.inference.ModelSettings;
import meshwork.api.inference.ServedModel;
import meshwork.api.inference.ServedModel.Facts;
import meshwork.api.inference.ServedModel.State;

/**
 * The life of one model, on a thread of its own: its file is checked, an engine loads it, it is served until it is unloaded; when the
 * engine goes or breaks in between, it is loaded again.
 */
final class Hosted {

	private static final Duration FOREVER = Duration.ofDays(365);
	private static final Duration SOON = Duration.ofMinutes(1);

	/** What ends a time of being served. */
	private sealed interface End {
		record Unload(Duration drain) implements End {
		}

		record EngineLeft(Engine engine) implements End {
		}

		record Broken(Throwable cause) implements End {
		}
	}

	private final String id;
	private final ModelSettings settings;
	private final boolean kept;
	private final ModelHost host;
	private final Logger log;
	private final Thread keeper;
	private final CompletableFuture<ServedModel> loaded = new CompletableFuture<>();
	private final LinkedBlockingQueue<End> ends = new LinkedBlockingQueue<>();
	private volatile ServedModel now;
	private volatile Optional<Serving> serving = Optional.empty();
	private Optional<Engine> using = Optional.empty();
	private boolean interruptible = true;
	private Optional<Instant> failed = Optional.empty();

	/**
	 * @param settings with an id, and with no default left open but the context
	 * @param kept whether it stays, failed, when it can't be loaded, and tries again when another engine comes
	 */
	Hosted(ModelSettings settings, boolean kept, ModelHost host, Logger log) {
		this.id = settings.id().orElseThrow();
		this.settings = settings;
		this.kept = kept;
		this.host = host;
		this.log = log;
		now = new ServedModel(id, settings, State.LOADING, 0, Optional.empty(), Instant.now(), Optional.empty());
		keeper = Thread.ofPlatform().daemon().name("model " + id).unstarted(this::live);
	}

	void start() {
		keeper.start();
	}

	ServedModel now() {
		return now;
	}

	/** The model while it is ready. */
	Serving serving() {
		return serving.orElseThrow(() -> new ModelNotReady(switch (now.state()) {
			case LOADING -> "the model '%s' is being loaded, %d %% so far: try again later".formatted(id, Math.round(100 * now.progress()));
			case UNLOADING -> "the model '%s' is being unloaded".formatted(id);
			case READY, FAILED -> "the model '%s' can't be served: %s".formatted(id, now.problem().map(Throwable::getMessage).orElse(""));
		}));
	}

	/** What the model does while it is ready. */
	Optional<Activity> activity() {
		return serving.flatMap(Serving::activity);
	}

	/** Waits until it was loaded for the first time. */
	ServedModel awaitLoaded() throws InterruptedException {
		try {
			return loaded.get();
		} catch (ExecutionException e) {
			throw e.getCause() instanceof ModelRefused refusal ? refusal : new CompletionException(e.getCause());
		}
	}

	/** Begins to end its life. */
	synchronized void unload(Duration drain) {
		ends.add(new End.Unload(drain));
		if (interruptible)
			keeper.interrupt();
	}

	/** Waits for the end of its life. */
	void awaitOver() throws InterruptedException {
		keeper.join();
	}

	/** Returns when nothing of an engine is in use here any more. */
	synchronized void engineLeft(Engine engine) throws InterruptedException {
		if (!using.equals(Optional.of(engine)))
			return;
		ends.add(new End.EngineLeft(engine));
		if (interruptible)
			keeper.interrupt();
		while (using.equals(Optional.of(engine)))
			wait();
	}

	private void live() {
		try {
			CheckedModel model = host.check(settings);
			become(State.LOADING, Optional.of(model.facts()));
			Duration patience = host.patience();
			for (boolean again = true; again;) {
				long seen = host.engines().changes();
				try {
					again = serve(model, patience);
					patience = FOREVER;
				} catch (ModelRefused e) {
					boolean told = loaded.isDone() || kept;
					fail(e);
					if (!told)
						return;
					host.engines().awaitChange(seen);
					patience = Duration.ZERO;
				}
			}
		} catch (ModelRefused e) {
			fail(e);
		} catch (InterruptedException e) {
			loaded.completeExceptionally(new ModelRefused(Reason.NOT_LOADED, "'%s' was unloaded before it was loaded".formatted(id)));
		} catch (Throwable e) {
			fail(new ModelRefused(Reason.NOT_LOADED, "'%s' could not be loaded: %s".formatted(id, e), e));
		}
	}

	/** One time of being served; false when it was the last. */
	private boolean serve(CheckedModel model, Duration patience) throws InterruptedException {
		become(State.LOADING, now.facts());
		Serving ready = load(model, patience);
		try {
			serving = Optional.of(ready);
			become(State.READY, Optional.of(model.facts(ready.model(), engine())));
			log.info("model {} is ready, on {}", id, now.facts().orElseThrow().engine());
			loaded.complete(now);
			return awaitEnd(ready);
		} finally {
			release();
		}
	}

	private Serving load(CheckedModel model, Duration patience) throws InterruptedException {
		String format = model.file().format();
		var reasons = new ArrayList<String>();
		for (Engine engine : host.engines().await(format, patience)) {
			if (!take(engine, format))
				continue;
			try {
				Serving ready = serving(model, engine);
				uninterruptible();
				return ready;
			} catch (RuntimeException | LinkageError e) {
				release();
				if (Thread.interrupted())
					throw new InterruptedException();
				reasons.add("the engine %s: %s".formatted(engine.description().name(), e instanceof EngineException || e instanceof InferenceException ? e.getMessage() : e));
			}
		}
		throw new ModelRefused(Reason.NOT_LOADED, reasons.isEmpty()
				? "'%s' needs an engine that loads %s files, and %s".formatted(id, format, host.engines().told())
				: "'%s' could not be loaded by %s".formatted(id, String.join(", nor by ", reasons)));
	}

	private Serving serving(CheckedModel model, Engine engine) {
		Model weights = engine.load(model.file(), LoadOptions.DEFAULT, this::progress);
		var ready = new Serving(settings, weights, model, host.queue(), host.recall(), cause -> ends.add(new End.Broken(cause)));
		try {
			ready.tryOut();
			host.templates().ifPresent(ready::prepare);
			return ready;
		} catch (RuntimeException e) {
			ready.close(Duration.ZERO, e.getMessage());
			throw e;
		}
	}

	private boolean awaitEnd(Serving ready) throws InterruptedException {
		End end = ends.take();
		serving = Optional.empty();
		switch (end) {
			case End.Unload(var drain) -> {
				become(State.UNLOADING, now.facts());
				ready.close(drain, "the model '%s' was unloaded".formatted(id));
				return false;
			}
			case End.EngineLeft(var engine) -> {
				log.info("the engine {} left the model {}, which waits for another", engine.description().name(), id);
				become(State.LOADING, now.facts());
				ready.close(Duration.ZERO, "the engine of the model '%s' was stopped".formatted(id));
			}
			case End.Broken(var cause) -> {
				log.error("the engine of the model {} failed", id, cause);
				become(State.LOADING, now.facts());
				ready.close(Duration.ZERO, "the engine of the model '%s' failed".formatted(id));
				boolean again = failed.isPresent() && failed.get().isAfter(Instant.now().minus(SOON));
				failed = Optional.of(Instant.now());
				if (again)
					throw new ModelRefused(Reason.NOT_LOADED, "the engine of '%s' failed twice within a minute: %s".formatted(id,
							cause.getMessage()), cause);
			}
		}
		return true;
	}

	/** Makes an engine known as in use, unless it has left in the meantime. */
	private synchronized boolean take(Engine engine, String format) {
		if (!host.engines().of(format).contains(engine))
			return false;
		using = Optional.of(engine);
		return true;
	}

	/** No engine is in use any more; what was said about one is past, but not that this model is to be unloaded. */
	private synchronized void release() {
		using = Optional.empty();
		interruptible = true;
		ends.removeIf(end -> !(end instanceof End.Unload));
		if (ends.isEmpty())
			Thread.interrupted();
		else
			Thread.currentThread().interrupt();
		notifyAll();
	}

	private synchronized void uninterruptible() {
		interruptible = false;
		Thread.interrupted();
	}

	private synchronized String engine() {
		return using.map(Engine::description).map(it -> it.name() + " " + it.version()).orElse("");
	}

	private void progress(double share) {
		now = new ServedModel(id, settings, State.LOADING, share, Optional.empty(), now.since(), now.facts());
	}

	private void become(State state, Optional<Facts> facts) {
		now = new ServedModel(id, settings, state, state == State.LOADING ? 0 : 1, Optional.empty(), Instant.now(), facts);
	}

	private void fail(ModelRefused problem) {
		now = new ServedModel(id, settings, State.FAILED, 0, Optional.of(problem), Instant.now(), now.facts());
		if (kept)
			log.error("model {} is not served: {}", id, problem.getMessage());
		loaded.completeExceptionally(problem);
	}
}
