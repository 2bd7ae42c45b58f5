package meshwork.engine.llama;

import java.lang.classfile.ClassFile;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Turns an interface of C prototypes into calls. The class that implements it loads each function as a constant method handle
 * bound to its address, so that a call costs what a {@code static final} handle costs, and yet several releases of a library
 * live side by side, each behind its own instance.
 */
final class Prototypes {

	private Prototypes() {
	}

	/** The names of the C functions that an interface declares. */
	static List<String> names(Class<?> prototypes) {
		return methods(prototypes).map(Method::getName).toList();
	}

	/**
	 * Binds an interface whose methods are named and typed as C functions: pointers are {@link MemorySegment} (or
	 * {@code long}, which makes no object), structs passed by value are marked with {@link Struct}, and a function that
	 * returns a struct takes a {@link SegmentAllocator} first.
	 *
	 * @throws LinkageError when a function is missing, with its name
	 */
	static <T> T bind(Class<T> prototypes, SymbolLookup symbols, Function<String, MemoryLayout> structs) {
		Map<String, Target> targets = methods(prototypes).collect(Collectors.toUnmodifiableMap(Method::getName, method -> new Target(
				symbols.find(method.getName()).orElseThrow(() -> new LinkageError("the library has no function " + method.getName())),
				method, structs)));
		try {
			MethodHandles.Lookup caller = MethodHandles.lookup();
			Class<?> calls = caller.defineHiddenClassWithClassData(implementation(prototypes), targets, true).lookupClass();
			return prototypes.cast(calls.getDeclaredConstructor().newInstance());
		} catch (ReflectiveOperationException e) {
			throw new LinkageError("can't implement " + prototypes.getSimpleName(), e);
		}
	}

	/** A function that is there: what a call of it needs is made when it is called first, since that takes milliseconds. */
	private record Target(MemorySegment address, Method prototype, Function<String, MemoryLayout> structs) {

		MethodHandle handle() {
			return Linker.nativeLinker().downcallHandle(address, descriptor(prototype, structs));
		}
	}

	/** Bootstrap of the constants that the generated calls load. */
	static MethodHandle handle(MethodHandles.Lookup calls, String function, Class<MethodHandle> type) throws IllegalAccessException {
		Map<?, ?> targets = MethodHandles.classData(calls, ConstantDescs.DEFAULT_NAME, Map.class);
		return ((Target) targets.get(function)).handle();
	}

	private static Stream<Method> methods(Class<?> prototypes) {
		return Stream.of(prototypes.getDeclaredMethods()).sorted(Comparator.comparing(Method::getName));
	}

	private static FunctionDescriptor descriptor(Method method, Function<String, MemoryLayout> structs) {
		MemoryLayout[] parameters = Stream.of(method.getParameters()).filter(p -> p.getType() != SegmentAllocator.class)
				.map(p -> layout(p, structs)).toArray(MemoryLayout[]::new);
		Struct result = method.getAnnotation(Struct.class);
		if (result != null)
			return FunctionDescriptor.of(structs.apply(result.value()), parameters);
		return method.getReturnType() == void.class ? FunctionDescriptor.ofVoid(parameters)
				: FunctionDescriptor.of(layout(method.getReturnType()), parameters);
	}

	private static MemoryLayout layout(Parameter parameter, Function<String, MemoryLayout> structs) {
		Struct struct = parameter.getAnnotation(Struct.class);
		return struct == null ? layout(parameter.getType()) : structs.apply(struct.value());
	}

	private static MemoryLayout layout(Class<?> type) {
		if (type == int.class)
			return ValueLayout.JAVA_INT;
		if (type == long.class)
			return ValueLayout.JAVA_LONG;
		if (type == float.class)
			return ValueLayout.JAVA_FLOAT;
		if (type == boolean.class)
			return ValueLayout.JAVA_BOOLEAN;
		if (type == MemorySegment.class)
			return ValueLayout.ADDRESS;
		throw new IllegalArgumentException("C has no " + type);
	}

	/** A class whose methods hand their arguments to the handles of their functions. */
	private static byte[] implementation(Class<?> prototypes) {
		var bootstrap = ConstantDescs.ofConstantBootstrap(Prototypes.class.describeConstable().orElseThrow(), "handle",
				ConstantDescs.CD_MethodHandle);
		ClassDesc name = ClassDesc.of(Prototypes.class.getPackageName(), prototypes.getSimpleName() + "Calls");
		return ClassFile.of().build(name, type -> {
			type.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC)
					.withInterfaceSymbols(prototypes.describeConstable().orElseThrow())
					.withMethodBody(ConstantDescs.INIT_NAME, ConstantDescs.MTD_void, 0, code -> code.aload(0)
							.invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void).return_());
			methods(prototypes).forEach(method -> {
				MethodTypeDesc signature = MethodType.methodType(method.getReturnType(), method.getParameterTypes())
						.describeConstable().orElseThrow();
				type.withMethodBody(method.getName(), signature, ClassFile.ACC_PUBLIC, code -> {
					code.loadConstant(DynamicConstantDesc.ofNamed(bootstrap, method.getName(), ConstantDescs.CD_MethodHandle));
					int slot = 1;
					for (ClassDesc parameter : signature.parameterList()) {
						TypeKind kind = TypeKind.from(parameter);
						code.loadLocal(kind, slot);
						slot += kind.slotSize();
					}
					code.invokevirtual(ConstantDescs.CD_MethodHandle, "invokeExact", signature)
							.return_(TypeKind.from(signature.returnType()));
				});
			});
		});
	}
}
