package meshwork.engine.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleConsumer;

import org.osgi.framework.BundleContext;
import org.osgi.service.log.Logger;

import meshwork.api.engine.Engine;
import meshwork.api.engine.EngineDescription;
import meshwork.api.engine.LoadOptions;
import meshwork.api.engine.Model;
import meshwork.api.engine.ModelFile;
import meshwork.api.engine.ModelNotLoaded;

/** The engine that llama.cpp is, whatever backend its libraries bring. */
public final class LlamaEngine implements Engine, AutoCloseable {

	private final LlamaLibrary library;
	private final EngineDescription description;
	private final Set<LlamaModel> models = ConcurrentHashMap.newKeySet();
	private volatile boolean closed;

	private LlamaEngine(LlamaLibrary library, EngineDescription description) {
		this.library = library;
		this.description = description;
	}

	/**
	 * Loads the libraries that a bundle carries in its folder {@code natives}, and starts the engine. They are put below the
	 * folder {@code natives} of the node's data (framework property {@code meshwork.data}), without one below the user's caches.
	 *
	 * @param name the engine's short name
	 * @param backend where it computes
	 * @param version the release that the libraries are said to be of, such as {@code v0.5.0}
	 * @param digest names the content of the libraries
	 * @param context of the bundle
	 * @param logger what llama.cpp says goes here
	 * @throws LinkageError when the libraries can't be loaded here, or are not what they are said to be
	 */
	public static LlamaEngine open(String name, String backend, String version, String digest, BundleContext context, Logger logger) {
		var files = new NativeFiles(digest, Collections.list(context.getBundle().findEntries("natives", "*", false)));
		String data = context.getProperty("meshwork.data");
		Path folder = data == null ? Path.of(System.getProperty("user.home"), ".cache", "meshwork") : Path.of(data);
		return open(name, backend, version, files, folder.resolve("natives"), logger);
	}

	static LlamaEngine open(String name, String backend, String version, NativeFiles files, Path cache, Logger logger) {
		LlamaLibrary library = LlamaLibrary.open(files, cache, version, logger);
		return new LlamaEngine(library, new EngineDescription(name, version, backend, library.features()));
	}

	@Override
	public EngineDescription description() {
		return description;
	}

	@Override
	public Model load(ModelFile file, LoadOptions options, DoubleConsumer progress) {
		if (!file.format().equals("gguf"))
			throw new ModelNotLoaded(file.path() + " is of format " + file.format() + "; this engine loads gguf");
		Loading loading = new Loading(progress);
		MemorySegment pointer = library.attended(() -> {
			MemorySegment loaded = load(file, options, loading);
			if (loaded.address() == 0)
				throw loading.failed(file, library.reason());
			return loaded;
		});
		var model = new LlamaModel(library, pointer, file, models::remove);
		models.add(model);
		if (closed) {
			model.close();
			throw new ModelNotLoaded(file.path() + ": the engine was stopped while it loaded");
		}
		return model;
	}

	private MemorySegment load(ModelFile file, LoadOptions options, Loading loading) {
		try (Arena arena = Arena.ofConfined()) {
			MemorySegment params = library.calls.llama_model_default_params(arena);
			library.set(params, "llama_model_params", "load_mode", LoadMode.of(options).ordinal());
			library.set(params, "llama_model_params", "progress_callback", loading.callback(arena));
			List<Path> parts = file.parts();
			MemorySegment paths = arena.allocate(ADDRESS, parts.size());
			for (int i = 0; i < parts.size(); i++)
				paths.setAtIndex(ADDRESS, i, arena.allocateFrom(parts.get(i).toString()));
			return library.calls.llama_model_load_from_splits(paths, parts.size(), params);
		}
	}

	/** Closes every model, with its sessions, then lets go of the libraries. */
	@Override
	public void close() {
		closed = true;
		List.copyOf(models).forEach(LlamaModel::close);
		library.close();
	}

	/** {@code llama_load_mode}, in its order. */
	private enum LoadMode {
		NONE, MAPPED, LOCKED, MAPPED_LOCKED;

		static LoadMode of(LoadOptions options) {
			return values()[(options.mapped() ? 1 : 0) + (options.locked() ? 2 : 0)];
		}
	}

	/** Tells how far a load is, and whether to go on with it. */
	private static final class Loading {

		private final DoubleConsumer progress;
		private Throwable failure;

		Loading(DoubleConsumer progress) {
			this.progress = progress;
		}

		MemorySegment callback(Arena arena) {
			try {
				var advance = MethodHandles.lookup().bind(this, "advance",
						MethodType.methodType(boolean.class, float.class, MemorySegment.class));
				return Linker.nativeLinker().upcallStub(advance, FunctionDescriptor.of(JAVA_BOOLEAN, JAVA_FLOAT, ADDRESS), arena);
			} catch (ReflectiveOperationException e) {
				throw new LinkageError("no way back from llama.cpp's loader", e);
			}
		}

		/** Called by native code: nothing may be thrown back into it. */
		private boolean advance(float share, MemorySegment data) {
			try {
				progress.accept(share);
				return !Thread.currentThread().isInterrupted();
			} catch (Throwable e) {
				failure = e;
				return false;
			}
		}

		ModelNotLoaded failed(ModelFile file, String reason) {
			if (failure != null)
				return new ModelNotLoaded(file.path() + ": loading was given up, since progress could not be told", failure);
			if (Thread.currentThread().isInterrupted())
				return new ModelNotLoaded(file.path() + ": loading was interrupted");
			return new ModelNotLoaded(file.path() + ": " + reason);
		}
	}
}
