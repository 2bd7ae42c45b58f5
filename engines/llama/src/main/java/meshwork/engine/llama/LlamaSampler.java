package meshwork.engine.llama;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

import meshwork.api.engine.Sampler;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SamplerOptions.Stage;
import meshwork.api.engine.StageRejected;

/** A native sampler chain, and the grammar that watches over it where there is one. */
final class LlamaSampler implements Sampler {

	private final LlamaSession session;
	private final LlamaModel model;
	private final Llama calls;
	private final MemorySegment created;
	private final MemorySegment chain;
	private final Optional<GrammarGate> gate;
	/** Whether a choice among one takes a draw and changes nothing else; mirostat would learn from it. */
	private final boolean draws;

	private LlamaSampler(LlamaSession session, LlamaModel model, MemorySegment created, Optional<GrammarGate> gate, boolean draws) {
		this.session = session;
		this.model = model;
		this.created = created;
		this.gate = gate;
		this.draws = draws;
		calls = model.library.calls;
		chain = session.life().bind(created);
	}

	/**
	 * Builds the chain of these stages.
	 *
	 * @throws StageRejected naming the stage that makes no sense, or the grammar that can't be read
	 */
	static LlamaSampler of(SamplerOptions options, LlamaSession session, LlamaModel model) {
		Optional<GrammarGate> gate = options.stages().stream().filter(Stage.Grammar.class::isInstance).map(Stage.Grammar.class::cast)
				.reduce((first, second) -> {
					throw new IllegalArgumentException("two grammars in one sampler");
				}).map(grammar -> gate(grammar, session, model));
		try {
			MemorySegment chain = new SamplerChain(model, session.options()).build(options);
			return new LlamaSampler(session, model, chain, gate, options.stages().stream().noneMatch(Stage.Mirostat.class::isInstance));
		} catch (RuntimeException e) {
			gate.ifPresent(GrammarGate::close);
			throw e;
		}
	}

	private static GrammarGate gate(Stage.Grammar grammar, LlamaSession session, LlamaModel model) {
		try {
			return GrammarGate.of(grammar, session, model);
		} catch (IllegalArgumentException e) {
			throw new StageRejected(grammar, e);
		}
	}

	/** Picks the token that follows a row of the last decode, and remembers it. */
	int pick(MemorySegment context, int row) {
		return gate.isPresent() ? gate.get().pick(chain, session.logits(row)) : calls.llama_sampler_sample(chain, context, row);
	}

	@Override
	public void accept(int token) {
		calls.llama_sampler_accept(chain, model.vocabulary().check(token));
	}

	@Override
	public void replay(int token) {
		model.vocabulary().check(token);
		if (draws)
			session.single().only(token).choose(calls, chain);
		accept(token);
		gate.ifPresent(gate -> gate.follow(token));
	}

	@Override
	public Sampler copy() {
		return session.adopt(new LlamaSampler(session, model, calls.llama_sampler_clone(chain), gate.map(GrammarGate::copy), draws));
	}

	@Override
	public void close() {
		if (session.release(this)) {
			calls.llama_sampler_free(created);
			gate.ifPresent(GrammarGate::close);
		}
	}
}
