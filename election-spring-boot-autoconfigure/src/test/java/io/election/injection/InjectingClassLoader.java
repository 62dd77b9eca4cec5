package io.election.injection;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Predicate;

import io.election.LeadershipListener;

import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.ClassWriter;
import org.springframework.asm.Handle;
import org.springframework.asm.Label;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;

/**
 * Loads the classes of this project anew, some of them with a site in front of each call
 * and each allocation.
 */
public final class InjectingClassLoader extends ClassLoader {

	private static final String INJECTION = Injection.class.getName().replace('.', '/');

	private static final String LISTENER = LeadershipListener.class.getName().replace('.', '/');

	private final Predicate<String> injected;

	/**
	 * Creates a class loader.
	 * @param injected which classes get sites
	 */
	public InjectingClassLoader(Predicate<String> injected) {
		super(InjectingClassLoader.class.getClassLoader());
		this.injected = injected;
	}

	@Override
	protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
		if (!name.startsWith("io.election.") || name.startsWith("io.election.injection.")) {
			return super.loadClass(name, resolve);
		}
		synchronized (getClassLoadingLock(name)) {
			Class<?> loaded = findLoadedClass(name);
			return (loaded != null) ? loaded : define(name);
		}
	}

	private Class<?> define(String name) throws ClassNotFoundException {
		try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
			if (file == null) {
				throw new ClassNotFoundException(name);
			}
			byte[] code = file.readAllBytes();
			byte[] result = this.injected.test(name) ? inject(code, name.substring(name.lastIndexOf('.') + 1)) : code;
			return defineClass(name, result, 0, result.length);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static byte[] inject(byte[] code, String simpleName) {
		ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
		new ClassReader(code).accept(new ClassVisitor(Opcodes.ASM9, writer) {

			@Override
			public MethodVisitor visitMethod(int access, String name, String descriptor, String signature,
					String[] exceptions) {
				MethodVisitor method = super.visitMethod(access, name, descriptor, signature, exceptions);
				return name.equals("<clinit>") ? method : new Injector(method, simpleName + "." + name);
			}

		}, 0);
		return writer.toByteArray();
	}

	/** Adds sites to a method. */
	private static final class Injector extends MethodVisitor {

		private final String method;

		private int line;

		Injector(MethodVisitor next, String method) {
			super(Opcodes.ASM9, next);
			this.method = method;
		}

		@Override
		public void visitLineNumber(int line, Label start) {
			this.line = line;
			super.visitLineNumber(line, start);
		}

		private void site(String what) {
			visitLdcInsn(Injection.current().add(this.method + ":" + this.line + " " + what));
			super.visitMethodInsn(Opcodes.INVOKESTATIC, INJECTION, "at", "(I)V", false);
		}

		@Override
		public void visitTypeInsn(int opcode, String type) {
			if (opcode == Opcodes.ANEWARRAY) {
				site("new " + type + "[]");
			}
			super.visitTypeInsn(opcode, type);
			if (opcode == Opcodes.NEW) { // in front of it, frames would miss it
				site("new " + type);
			}
		}

		@Override
		public void visitIntInsn(int opcode, int operand) {
			if (opcode == Opcodes.NEWARRAY) {
				site("new array");
			}
			super.visitIntInsn(opcode, operand);
		}

		@Override
		public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
			if (!owner.equals(LISTENER)) { // whatever a listener throws is its own
				site("call " + name);
			}
			super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
		}

		@Override
		public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
			site("lambda " + name);
			super.visitInvokeDynamicInsn(name, descriptor, bootstrap, arguments);
		}

	}

}
