package meshwork.engine.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.TreeSet;

import meshwork.api.engine.SamplerOptions.Stage;

/**
 * Lets only tokens through that a grammar allows. As in llama.cpp's own programs the chain picks first and the grammar only
 * says whether it may; if not, the grammar thins the candidates out and the chain picks again, which leaves the distribution
 * what it would be with the grammar in front, and rarely walks the vocabulary. Where the grammar allows no token that there
 * is, the end is picked.
 * <p>
 * A native grammar ends the process when it is told of a token that it does not allow: it is asked first, always. That is also
 * why the triggers of lazy grammars are looked for here.
 */
final class GrammarGate {

	/** The native parser recurs: what nests deeper is for its stack to bear. */
	private static final int DEEPEST = 256;
	private static final int LONGEST = 4 << 20;

	private final LlamaSession session;
	private final LlamaModel model;
	private final Llama calls;
	private final MemorySegment created;
	private final MemorySegment grammar;
	private final Trigger trigger;
	private Spelling spelling = Spelling.DONE;
	private boolean stuck;

	private GrammarGate(LlamaSession session, LlamaModel model, MemorySegment created, Trigger trigger) {
		this.session = session;
		this.model = model;
		this.created = created;
		this.trigger = trigger;
		calls = model.library.calls;
		grammar = session.life().bind(created);
	}

	/** @throws IllegalArgumentException when the grammar or a trigger can't be read */
	static GrammarGate of(Stage.Grammar stage, LlamaSession session, LlamaModel model) {
		Trigger trigger = Trigger.of(stage, model.vocabulary());
		checkSize(stage.grammar());
		try (Arena arena = Arena.ofConfined()) {
			MemorySegment created = model.library.calls.llama_sampler_init_grammar(model.vocabulary().pointer,
					arena.allocateFrom(stage.grammar()), arena.allocateFrom(stage.root()));
			if (created.address() == 0)
				throw new IllegalArgumentException("the grammar can't be read, has no rule \"" + stage.root() + "\", or recurs on the left");
			return new GrammarGate(session, model, created, trigger);
		}
	}

	private static void checkSize(String grammar) {
		if (grammar.isBlank())
			throw new IllegalArgumentException("the grammar is empty");
		if (grammar.length() > LONGEST)
			throw new IllegalArgumentException("the grammar has " + grammar.length() + " characters, more than " + LONGEST);
		int depth = 0;
		for (int i = 0; i < grammar.length(); i++) {
			depth += grammar.charAt(i) == '(' ? 1 : grammar.charAt(i) == ')' ? -1 : 0;
			if (depth > DEEPEST)
				throw new IllegalArgumentException("the grammar nests more than " + DEEPEST + " deep");
		}
	}

	/** Picks with the chain from these logits, and tells chain and grammar. */
	int pick(MemorySegment chain, MemorySegment logits) {
		if (stuck)
			return model.vocabulary().stop();
		Candidates candidates = session.candidates();
		int token = candidates.fill(logits).choose(calls, chain);
		if (!trigger.awaited() && !allows(token)) {
			token = among(logits, chain);
			if (!allows(token)) {
				stuck = true;
				return model.vocabulary().stop();
			}
		}
		calls.llama_sampler_accept(chain, token);
		follow(token);
		return token;
	}

	/** Picks among what the grammar allows; what it allows and can't be spelled is taken out when it comes up. */
	private int among(MemorySegment logits, MemorySegment chain) {
		var misspelled = new TreeSet<Integer>();
		while (true) {
			Candidates candidates = session.candidates().fill(logits);
			misspelled.forEach(candidates::ban);
			int token = candidates.narrow(calls, grammar).choose(calls, chain);
			if (spells(token) || !misspelled.add(token))
				return token;
		}
	}

	/** Tells the grammar of a token that was picked. */
	void follow(int token) {
		if (stuck)
			return;
		if (!trigger.awaited())
			feed(token);
		else
			trigger.said(token).ifPresent(said -> {
				if (said.part().length > 0)
					feed(said.part());
				for (int whole : said.tokens())
					feed(whole);
			});
	}

	private void feed(int token) {
		if (!stuck && allows(token)) {
			spelling = spelling.after(model.vocabulary().bytes(token, false));
			calls.llama_sampler_accept(grammar, token);
		} else
			stuck = true;
	}

	/** Feeds text that begins within a token, by the longest tokens that make it up. */
	private void feed(byte[] text) {
		LlamaVocabulary vocabulary = model.vocabulary();
		int at = 0;
		while (at < text.length && !stuck) {
			int best = -1;
			int length = 0;
			for (int token = 0; token < vocabulary.size(); token++) {
				byte[] piece = vocabulary.bytes(token, false);
				if (piece.length > length && piece.length <= text.length - at
						&& Arrays.equals(piece, 0, piece.length, text, at, at + piece.length)) {
					best = token;
					length = piece.length;
				}
			}
			if (best < 0)
				stuck = true;
			else
				feed(best);
			at += length;
		}
	}

	private boolean spells(int token) {
		return spelling.after(model.vocabulary().bytes(token, false)) != Spelling.WRONG;
	}

	private boolean allows(int token) {
		return spells(token) && session.single().only(token).narrow(calls, grammar).possible();
	}

	GrammarGate copy() {
		var copy = new GrammarGate(session, model, calls.llama_sampler_clone(grammar), trigger.copy());
		copy.spelling = spelling;
		copy.stuck = stuck;
		return copy;
	}

	void close() {
		calls.llama_sampler_free(created);
	}
}
