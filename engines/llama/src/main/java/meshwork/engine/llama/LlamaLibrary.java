package meshwork.engine.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.osgi.service.log.Logger;

/**
 * One build of llama.cpp, loaded into the process. Its libraries pin themselves, so they are loaded once for the process and
 * stay; whoever opens the same folder again, a later version of this bundle too, finds what is there.
 */
final class LlamaLibrary implements AutoCloseable {

	final Llama calls;
	final Llama.Cpu cpu;
	final Release release;
	/** {@code int strlen(const char *)}, which is also a {@code ggml_abort_callback}: "true" once the string is not empty. */
	final MemorySegment strlen = Linker.nativeLinker().defaultLookup().findOrThrow("strlen");

	/** {@code int abs(int)}, which is also a {@code ggml_log_callback} that does nothing. */
	private final MemorySegment nobody = Linker.nativeLinker().defaultLookup().findOrThrow("abs");
	private final LlamaLog log;
	private final MemorySegment logCallback;

	private LlamaLibrary(Llama calls, Llama.Cpu cpu, Release release, LlamaLog log, MemorySegment logCallback) {
		this.calls = calls;
		this.cpu = cpu;
		this.release = release;
		this.log = log;
		this.logCallback = logCallback;
	}

	/**
	 * Loads a set of libraries.
	 *
	 * @param cache where libraries are extracted to
	 * @param version the release that the files are said to be of, such as {@code v0.5.0}
	 * @throws LinkageError when the files can't be loaded, or are of another release or layout than they should be
	 */
	static LlamaLibrary open(NativeFiles files, Path cache, String version, Logger logger) {
		// one at a time in the whole process, other versions of this class included
		synchronized (LlamaLibrary.class.getName().intern()) {
			Path folder = files.extract(cache);
			SymbolLookup symbols = files.linked().stream().map(folder::resolve).map(LlamaLibrary::load)
					.reduce(name -> Optional.empty(), SymbolLookup::or);
			return start(symbols, folder, version, logger);
		}
	}

	private static SymbolLookup load(Path library) {
		try {
			return SymbolLookup.libraryLookup(library, Arena.global());
		} catch (IllegalArgumentException e) {
			throw new LinkageError("can't load " + library + ", which on Linux needs glibc 2.34 or later: " + e.getMessage(), e);
		}
	}

	private static LlamaLibrary start(SymbolLookup symbols, Path folder, String version, Logger logger) {
		Release release = release(symbols, folder, version);
		Llama calls = Prototypes.bind(Llama.class, symbols, release::struct);
		var log = new LlamaLog(logger);
		MemorySegment callback = log.callback();
		calls.llama_log_set(callback, MemorySegment.NULL);
		calls.ggml_log_set(callback, MemorySegment.NULL);
		try (Arena arena = Arena.ofConfined()) {
			release.check(calls.llama_model_default_params(arena), calls.llama_context_default_params(arena));
			if (calls.ggml_backend_reg_count() == 0) {
				calls.ggml_backend_load_all_from_path(arena.allocateFrom(folder.toString()));
				calls.llama_backend_init();
			}
			MemorySegment backend = calls.ggml_backend_reg_by_name(arena.allocateFrom("CPU"));
			if (backend.address() == 0)
				throw new LinkageError("none of llama.cpp's CPU backends in " + folder + " runs on this processor");
			Llama.Cpu cpu = Prototypes.bind(Llama.Cpu.class, name -> {
				try (Arena names = Arena.ofConfined()) {
					return found(calls.ggml_backend_reg_get_proc_address(backend, names.allocateFrom(name)));
				}
			}, release::struct);
			return new LlamaLibrary(calls, cpu, release, log, callback);
		}
	}

	/** Asks the library what it is before anything else of it is trusted. */
	private static Release release(SymbolLookup symbols, Path folder, String version) {
		interface Version {
			MemorySegment llama_version();
		}
		String found = string(Prototypes.bind(Version.class, symbols, name -> null).llama_version());
		Release release = Release.of(found).orElseThrow(() -> new LinkageError(
				folder + " holds llama.cpp " + found + "; this binding knows " + Release.known()));
		if (!version.equals("v" + release.version()))
			throw new LinkageError(folder + " holds llama.cpp v" + release.version() + ", its bundle says " + version);
		return release;
	}

	private static Optional<MemorySegment> found(MemorySegment address) {
		return address.address() == 0 ? Optional.empty() : Optional.of(address);
	}

	/**
	 * Runs a call, and keeps what it says to be wrong for {@link #reason}. There is one log for all who share the libraries:
	 * it is taken here from whoever has it.
	 */
	<T> T attended(Supplier<T> call) {
		hear(logCallback);
		return log.collecting(call);
	}

	/** Keeps what is said to be wrong in a list, rather than logging it, until {@link #pass}; for steps, which allocate nothing. */
	void collect(List<String> errors) {
		log.collect(errors);
	}

	void pass() {
		log.pass();
	}

	/** Within {@link #attended}: what was said to be wrong. */
	String reason() {
		return log.reason();
	}

	private void hear(MemorySegment callback) {
		calls.llama_log_set(callback, MemorySegment.NULL);
		calls.ggml_log_set(callback, MemorySegment.NULL);
	}

	/** What of the processor is in use, such as {@code AVX2, FMA, LLAMAFILE}. */
	String features() {
		String said = string(calls.llama_print_system_info());
		return Stream.of(said.split("[|:]")).map(String::strip).filter(s -> s.endsWith("= 1"))
				.map(s -> s.replace("= 1", "").strip()).distinct().collect(Collectors.joining(", "));
	}

	/** A string that C owns. */
	static String string(MemorySegment chars) {
		return chars.reinterpret(Long.MAX_VALUE).getString(0);
	}

	/** Memory for a struct of this release. */
	MemorySegment allocate(String struct, Arena arena) {
		return arena.allocate(release.struct(struct));
	}

	void set(MemorySegment values, String struct, String field, int value) {
		values.set(JAVA_INT, release.offset(struct, field), value);
	}

	void set(MemorySegment values, String struct, String field, boolean value) {
		values.set(JAVA_BOOLEAN, release.offset(struct, field), value);
	}

	void set(MemorySegment values, String struct, String field, MemorySegment value) {
		values.set(ADDRESS, release.offset(struct, field), value);
	}

	/** Hears no more of the log, and leaves it to nobody unless another has it. The code of the libraries stays. */
	@Override
	public void close() {
		try (Arena arena = Arena.ofConfined()) {
			MemorySegment callback = arena.allocate(ADDRESS);
			calls.llama_log_get(callback, arena.allocate(ADDRESS));
			if (callback.get(ADDRESS, 0).equals(logCallback))
				hear(nobody);
		}
	}
}
