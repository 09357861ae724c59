//! Messages as rows of fields: one list gives the struct, its bytes and its table in the document.

/// Declares structs together with their encoding.
macro_rules! message {
    ($(
        $(#[doc = $doc:literal])+
        $(#[derive($($derive:ident),+)])?
        pub struct $name:ident {
            $($(#[doc = $meaning:literal])+ pub $field:ident: $type:ty,)*
        }
    )*) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, PartialEq, Eq, Debug $($(, $derive)+)?)]
        pub struct $name {
            $($(#[doc = $meaning])+ pub $field: $type,)*
        }

        $crate::message::macros::fields! {
            $(#[doc = $doc])+
            $name as $name { $($(#[doc = $meaning])+ $field: $type,)* }
        }
    )*};
}

/// Gives structs their encoding: these fields in this order.
macro_rules! fields {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident as $title:ident {
            $($(#[doc = $meaning:literal])+ $field:ident: $type:ty,)*
        }
    )*) => {$(
        impl $crate::field::Field for $name {
            const MIN_BYTES: usize = 0 $(+ <$type as $crate::field::Field>::MIN_BYTES)*;
            const FIXED: bool = true $(&& <$type as $crate::field::Field>::FIXED)*;

            fn kind() -> String {
                stringify!($title).to_owned()
            }

            #[allow(unused_variables, reason = "some messages have no field")]
            fn put(&self, out: &mut Vec<u8>) {
                $($crate::field::Field::put(&self.$field, out);)*
            }

            #[allow(unused_variables, reason = "some messages have no field")]
            fn get(
                r: &mut ledger::fields::Reader<'_>,
            ) -> Result<Self, $crate::field::MessageError> {
                Ok(Self { $($field: <$type as $crate::field::Field>::get(r)?,)* })
            }
        }

        #[cfg(test)]
        impl $crate::arb::Arb for $name {
            #[allow(unused_variables, reason = "some messages have no field")]
            fn arb(g: &mut $crate::arb::Gen) -> Self {
                Self { $($field: $crate::arb::Arb::arb(g),)* }
            }
        }

        impl $crate::layout::Layout for $name {
            fn layout() -> $crate::layout::TypeLayout {
                $crate::layout::TypeLayout {
                    name: stringify!($title),
                    meaning: concat!($($doc),+),
                    fields: vec![$($crate::layout::FieldLayout {
                        name: stringify!($field),
                        kind: <$type as $crate::field::Field>::kind(),
                        bytes: <$type as $crate::field::Field>::FIXED
                            .then_some(<$type as $crate::field::Field>::MIN_BYTES),
                        meaning: concat!($($meaning),+),
                    },)*],
                }
            }
        }
    )*};
}

pub(crate) use {fields, message};
