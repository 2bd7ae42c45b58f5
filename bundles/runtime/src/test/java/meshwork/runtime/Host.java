package meshwork.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import org.osgi.service.log.Logger;

import meshwork.api.engine.Engine;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationEvent;
import meshwork.api.inference.GenerationEvent.Done;
import meshwork.api.inference.GenerationEvent.Finished;
import meshwork.api.inference.GenerationEvent.Piece;
import meshwork.api.inference.GenerationEvent.PickedToken;
import meshwork.api.inference.GenerationEvent.Started;
import meshwork.api.inference.GenerationEvent.Thought;
import meshwork.api.inference.GenerationEvent.ToolArguments;
import meshwork.api.inference.GenerationEvent.ToolCalled;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.ModelSettings;
import meshwork.api.inference.Prompt;

/** A host wired by hand, as the component runtime would. */
final class Host implements AutoCloseable {

	record Settings(String[] models, int context, int parallel, int threads, int queue, long cacheBytes, String cacheFolder, boolean cacheShared)
			implements ModelHost.Config {

		Settings(String[] models, int context, int parallel, int threads, int queue) {
			this(models, context, parallel, threads, queue, 1 << 20, "", false);
		}

		@Override
		public Class<? extends Annotation> annotationType() {
			return ModelHost.Config.class;
		}
	}

	/** What a generation said. */
	static final class Answer {
		final Map<Integer, StringBuilder> texts = new LinkedHashMap<>();
		final Map<Integer, Finished> ends = new LinkedHashMap<>();
		final List<PickedToken> tokens = new ArrayList<>();
		final List<String> pieces = new ArrayList<>();
		Started started;
		Done done;

		String text() {
			return text(0);
		}

		String text(int choice) {
			return texts.getOrDefault(choice, new StringBuilder()).toString();
		}

		void add(GenerationEvent event) {
			switch (event) {
				case Started it -> started = it;
				case Piece(var choice, var text, var picked) -> {
					texts.computeIfAbsent(choice, _ -> new StringBuilder()).append(text);
					pieces.add(text);
					tokens.addAll(picked);
				}
				case Finished it -> ends.put(it.choice(), it);
				case Done it -> done = it;
				case Thought _, ToolCalled _, ToolArguments _ -> {
				}
			}
		}
	}

	final ModelHost host;
	private final Path folder;

	Host(Path folder, int context, int parallel, int queue, String... models) {
		this(folder, Long.MAX_VALUE, context, parallel, queue, models);
	}

	/** @param memory that there is, in bytes */
	Host(Path folder, long memory, int context, int parallel, int queue, String... models) {
		this.folder = folder;
		host = new ModelHost(new Settings(models, context, parallel, 0, queue), (Logger) Proxy.newProxyInstance(Host.class.getClassLoader(),
				new Class<?>[] {Logger.class}, (_, _, _) -> null), () -> memory);
	}

	Host with(Engine engine, String format) {
		host.addEngine(engine, Map.of(Engine.FORMATS, format));
		return this;
	}

	/** Serves a file of this name. */
	Host serve(String name) {
		host.load(ModelSettings.of(file(folder, name)));
		return this;
	}

	static Path file(Path folder, String name) {
		try {
			return Files.writeString(folder.resolve(name), "");
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	static GenerationRequest request(String model, String prompt) {
		return GenerationRequest.of("r", model, new Prompt.Text(prompt), SamplerOptions.GREEDY);
	}

	static GenerationRequest endless(String model, String prompt) {
		return new GenerationRequest("r", "", model, new Prompt.Text(prompt), SamplerOptions.GREEDY, Optional.empty(), List.of(), 1,
				Optional.empty(), true, Optional.empty(), true);
	}

	Generation start(GenerationRequest request) {
		return host.generate(request);
	}

	Answer answer(GenerationRequest request) throws InterruptedException {
		try (var generation = start(request)) {
			return read(generation);
		}
	}

	/** All that happens. */
	List<GenerationEvent> events(GenerationRequest request) throws InterruptedException {
		var events = new ArrayList<GenerationEvent>();
		try (var generation = start(request)) {
			do
				events.add(generation.next());
			while (!(events.getLast() instanceof Done));
		}
		return events;
	}

	static Answer read(Generation generation) throws InterruptedException {
		var answer = new Answer();
		while (answer.done == null)
			answer.add(generation.next());
		return answer;
	}

	/** Waits for a condition. */
	static void await(BooleanSupplier condition) {
		while (!condition.getAsBoolean())
			LockSupport.parkNanos(1_000_000);
	}

	@Override
	public void close() throws InterruptedException {
		host.stop();
	}
}
