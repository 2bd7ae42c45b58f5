package meshwork.engine.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import meshwork.api.engine.Adapter;
import meshwork.api.engine.Model;
import meshwork.api.engine.ModelDescription;
import meshwork.api.engine.ModelDescription.Rollback;
import meshwork.api.engine.ModelFile;
import meshwork.api.engine.ModelNotLoaded;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;

/** A model that llama.cpp holds. */
final class LlamaModel implements Model {

	private static final int VOCABULARY_NONE = 0;

	final LlamaLibrary library;
	final ModelFile file;
	/** The model, for calls: they fail once it is closed, and closing waits for them. */
	final MemorySegment pointer;
	private final NativeLife life;
	private final LlamaVocabulary vocabulary;
	private final ModelDescription description;
	private final Set<LlamaSession> sessions = ConcurrentHashMap.newKeySet();
	private boolean closed;

	LlamaModel(LlamaLibrary library, MemorySegment loaded, ModelFile file, Consumer<LlamaModel> closed) {
		this.library = library;
		this.file = file;
		Llama calls = library.calls;
		life = new NativeLife(() -> {
			calls.llama_model_free(loaded);
			closed.accept(this);
		});
		pointer = life.bind(loaded);
		try {
			MemorySegment vocab = calls.llama_model_get_vocab(loaded);
			if (calls.llama_vocab_type(vocab) == VOCABULARY_NONE)
				throw new ModelNotLoaded(file.path() + " has no vocabulary: a model without tokens can't be served");
			if (calls.llama_model_has_encoder(loaded))
				throw new ModelNotLoaded(file.path() + " is an encoder-decoder model; only decoders are run");
			vocabulary = new LlamaVocabulary(calls, life.bind(vocab));
			description = describe(loaded);
		} catch (RuntimeException e) {
			life.close();
			throw e;
		}
	}

	private ModelDescription describe(MemorySegment model) {
		Llama calls = library.calls;
		try (Arena arena = Arena.ofConfined()) {
			MemorySegment text = arena.allocate(256);
			calls.llama_model_desc(model, text, text.byteSize());
			boolean recurrent = calls.llama_model_is_recurrent(model) || calls.llama_model_is_hybrid(model);
			return new ModelDescription(text.getString(0), calls.llama_model_n_params(model), calls.llama_model_size(model),
					calls.llama_model_n_ctx_train(model), calls.llama_model_n_embd_out(model), calls.llama_model_n_layer(model),
					recurrent ? Rollback.NONE : Rollback.ANY);
		}
	}

	@Override
	public ModelDescription description() {
		return description;
	}

	@Override
	public LlamaVocabulary vocabulary() {
		return vocabulary;
	}

	@Override
	public synchronized Session open(SessionOptions options) {
		if (closed)
			throw new IllegalStateException(file.path() + " was closed");
		long most = library.calls.llama_max_parallel_sequences();
		if (options.sequences() > most)
			throw new IllegalArgumentException(options.sequences() + " sequences in one session; llama.cpp has " + most);
		var session = library.attended(() -> new LlamaSession(this, options, sessions::remove));
		sessions.add(session);
		return session;
	}

	@Override
	public synchronized Adapter adapter(Path adapted) {
		if (closed)
			throw new IllegalStateException(file.path() + " was closed");
		return library.attended(() -> {
			try (Arena arena = Arena.ofConfined()) {
				MemorySegment loaded = library.calls.llama_adapter_lora_init(pointer, arena.allocateFrom(adapted.toString()));
				if (loaded.address() == 0)
					throw new ModelNotLoaded(adapted + ": " + library.reason());
				return new LlamaAdapter(this, life.bind(loaded));
			}
		});
	}

	@Override
	public void close() {
		synchronized (this) {
			closed = true;
		}
		List.copyOf(sessions).forEach(LlamaSession::close);
		life.close();
	}
}
